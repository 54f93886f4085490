# The guest of the live test for x86: 32-bit, multiboot, serial port COM1.  See README.md beside
# this folder for what every guest does and for the layout of DATA.

        .set    TABLE, DATA + 0x1000
        .set    AREA, DATA + 0x10000
        .set    COM1, 0x3f8

        .code32
        .text
        .align  4
        .long   0x1badb002, 0, -0x1badb002      # multiboot header: magic, flags, checksum

        .globl  _start
_start: cli
        cld
        movl    $DATA + 0x1000, %esp

        xorl    %ebp, %ebp              # first fill, generation 0
1:      xorl    %edx, %edx
        call    write
        incl    %ebp
        cmpl    $PAGES, %ebp
        jb      1b
        movl    $PAGES, DATA + 16
        movl    $0x42455254, DATA       # the report holds from here on

pass:   xorl    %ebp, %ebp
page:   movl    TABLE(,%ebp,4), %edx
        call    check
        movl    DATA + 4, %eax          # rewrite this page in this pass?
        xorl    %ebp, %eax
        testl   $7, %eax
        jnz     2f
        movl    %ebp, %eax
        andl    $3, %eax
        cmpl    $3, %eax
        je      2f
        incl    %edx
        call    write
        incl    DATA + 8
2:      incl    %ebp
        cmpl    $PAGES, %ebp
        jb      page

        call    flush
        incl    DATA + 4
        movl    $text, %esi
3:      lodsb
        testb   %al, %al
        jz      4f
        call    put
        jmp     3b
4:      movl    DATA + 4, %ebx
        call    hex
        movb    $' ', %al
        call    put
        movl    DATA + 12, %ebx
        call    hex
        movb    $'\n', %al
        call    put
        jmp     pass

# Compares page %ebp with its generation %edx.
check:  movl    %ebp, %edi
        shll    $12, %edi
        addl    $AREA, %edi
        xorl    %ecx, %ecx
1:      call    word
        cmpl    (%edi,%ecx,4), %eax
        jne     2f
        incl    %ecx
        cmpl    $1024, %ecx
        jb      1b
        ret
2:      call    flush
        incl    DATA + 12
        movl    %ebp, DATA + 20
        ret

# Writes page %ebp in generation %edx.
write:  call    flush
        movl    %edx, TABLE(,%ebp,4)
        movl    %ebp, %edi
        shll    $12, %edi
        addl    $AREA, %edi
        xorl    %ecx, %ecx
1:      call    word
        movl    %eax, (%edi,%ecx,4)
        incl    %ecx
        cmpl    $1024, %ecx
        jb      1b
        ret

# %eax = word %ecx of page %ebp in generation %edx; changes %ebx.
word:   movl    %ebp, %ebx
        andl    $3, %ebx
        jnz     1f
        movl    %edx, %eax
        andl    $7, %eax
        imull   $0x01010101, %eax, %eax
        ret
1:      movl    %ebp, %eax
        shll    $10, %eax
        addl    %ecx, %eax
        cmpl    $1, %ebx
        jne     2f
        movl    %edx, %ebx
        shll    $20, %ebx
        xorl    %ebx, %eax
2:      imull   $0x9e3779b1, %eax, %eax
        movl    %eax, %ebx
        shrl    $15, %ebx
        xorl    %ebx, %eax
        imull   $0x85ebca77, %eax, %eax
        movl    %eax, %ebx
        shrl    $13, %ebx
        xorl    %ebx, %eax
        testl   $2, %ebp
        jz      3f
        movl    %edx, %ebx
        andl    $127, %ebx
        shll    $3, %ebx
        cmpl    %ebx, %ecx
        jne     3f
        xorl    %edx, %eax
3:      ret

# Changing CR0.WP makes an emulated CPU drop its TLB.
flush:  movl    %cr0, %eax
        xorl    $0x10000, %eax
        movl    %eax, %cr0
        ret

# Prints %ebx as eight hexadecimal digits.
hex:    movl    $8, %ecx
1:      roll    $4, %ebx
        movl    %ebx, %eax
        andl    $15, %eax
        movb    digits(%eax), %al
        call    put
        loop    1b
        ret

put:    movb    %al, %ah
        movw    $COM1 + 5, %dx
1:      inb     %dx, %al
        testb   $0x20, %al
        jz      1b
        movb    %ah, %al
        movw    $COM1, %dx
        outb    %al, %dx
        ret

text:   .asciz  "BERTH "
digits: .ascii  "0123456789abcdef"
