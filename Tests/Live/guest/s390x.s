# The guest of the live test for s390x: loaded as a kernel, 64-bit, no console.  Every page also
# has a storage key, set when the page is written and checked with it.  See README.md beside this
# folder for what every guest does and for the layout of DATA.

        .text
        .globl  _start
_start: llilf   %r12, DATA
        lgr     %r11, %r12
        aghi    %r11, 0x1000            # the table
        lgr     %r10, %r12
        agfi    %r10, 0x10000           # the area
        lghi    %r9, 0                  # page

1:      lghi    %r2, 0                  # first fill, generation 0
        brasl   %r14, write
        aghi    %r9, 1
        clgfi   %r9, PAGES
        jl      1b
        llilf   %r0, PAGES
        st      %r0, 16(%r12)
        llilf   %r0, 0x42455254
        st      %r0, 0(%r12)            # the report holds from here on

pass:   lghi    %r9, 0
page:   sllg    %r1, %r9, 2
        llgf    %r2, 0(%r1,%r11)
        brasl   %r14, check
        l       %r0, 4(%r12)            # rewrite this page in this pass?
        xr      %r0, %r9
        nilf    %r0, 7
        jnz     2f
        lr      %r0, %r9
        nilf    %r0, 3
        clfi    %r0, 3
        je      2f
        aghi    %r2, 1
        brasl   %r14, write
        l       %r0, 8(%r12)
        ahi     %r0, 1
        st      %r0, 8(%r12)
2:      aghi    %r9, 1
        clgfi   %r9, PAGES
        jl      page
        ptlb
        l       %r0, 4(%r12)
        ahi     %r0, 1
        st      %r0, 4(%r12)
        j       pass

# Compares page %r9 and its key with its generation %r2.
check:  lgr     %r8, %r14
        sllg    %r7, %r9, 12
        agr     %r7, %r10
        lghi    %r0, 0
        iske    %r0, %r7
        nilf    %r0, 0xf0
        lr      %r1, %r9
        xr      %r1, %r2
        sll     %r1, 4
        nilf    %r1, 0xf0
        cr      %r0, %r1
        jne     2f
        lghi    %r3, 0
1:      brasl   %r14, word
        sllg    %r5, %r3, 2
        c       %r4, 0(%r5,%r7)
        jne     2f
        aghi    %r3, 1
        clgfi   %r3, 1024
        jl      1b
        br      %r8
2:      ptlb
        l       %r0, 12(%r12)
        ahi     %r0, 1
        st      %r0, 12(%r12)
        st      %r9, 20(%r12)
        br      %r8

# Writes page %r9 and its key in generation %r2.
write:  lgr     %r8, %r14
        ptlb
        sllg    %r1, %r9, 2
        st      %r2, 0(%r1,%r11)
        sllg    %r7, %r9, 12
        agr     %r7, %r10
        lr      %r1, %r9
        xr      %r1, %r2
        sll     %r1, 4
        nilf    %r1, 0xf0
        sske    %r1, %r7
        lghi    %r3, 0
1:      brasl   %r14, word
        sllg    %r5, %r3, 2
        st      %r4, 0(%r5,%r7)
        aghi    %r3, 1
        clgfi   %r3, 1024
        jl      1b
        br      %r8

# %r4 = word %r3 of page %r9 in generation %r2; changes %r1.
word:   lr      %r1, %r9
        nilf    %r1, 3
        jnz     1f
        lr      %r4, %r2
        nilf    %r4, 7
        msfi    %r4, 0x01010101
        br      %r14
1:      lr      %r4, %r9
        sll     %r4, 10
        ar      %r4, %r3
        clfi    %r1, 1
        jne     2f
        lr      %r1, %r2
        sll     %r1, 20
        xr      %r4, %r1
2:      msfi    %r4, 0x9e3779b1 - 0x100000000
        lr      %r1, %r4
        srl     %r1, 15
        xr      %r4, %r1
        msfi    %r4, 0x85ebca77 - 0x100000000
        lr      %r1, %r4
        srl     %r1, 13
        xr      %r4, %r1
        tmll    %r9, 2
        jz      3f
        lr      %r1, %r2
        nilf    %r1, 127
        sll     %r1, 3
        cr      %r3, %r1
        jne     3f
        xr      %r4, %r2
3:      br      %r14
