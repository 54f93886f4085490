# The guest of the live test for ppc64: stands in for the firmware of the `pseries` machine, real
# mode, big-endian, console by hypervisor call.  A flat image at 0, entry at 0x100.  See README.md
# beside this folder for what every guest does and for the layout of DATA.

        .macro  load32 register, value
        lis     \register, (\value)@h
        ori     \register, \register, (\value)@l
        .endm

        .machine power8
        .text
        .org    0x100
        .globl  _start
_start: load32  14, DATA
        addi    15, 14, 0x1000          # the table
        addis   16, 14, 1               # the area
        load32  17, PAGES
        load32  18, 0x9e3779b1
        load32  19, 0x85ebca77
        li      20, 0                   # page

1:      li      21, 0                   # first fill, generation 0
        bl      write
        addi    20, 20, 1
        cmplw   20, 17
        blt     1b
        stw     17, 16(14)
        load32  3, 0x42455254
        stw     3, 0(14)                # the report holds from here on

pass:   li      20, 0
page:   slwi    3, 20, 2
        lwzx    21, 15, 3
        bl      check
        lwz     3, 4(14)                # rewrite this page in this pass?
        xor     3, 3, 20
        andi.   3, 3, 7
        bne     2f
        andi.   3, 20, 3
        cmplwi  3, 3
        beq     2f
        addi    21, 21, 1
        bl      write
        lwz     3, 8(14)
        addi    3, 3, 1
        stw     3, 8(14)
2:      addi    20, 20, 1
        cmplw   20, 17
        blt     page

        bl      flush
        lwz     3, 4(14)
        addi    3, 3, 1
        stw     3, 4(14)
        load32  26, text
3:      lbz     6, 0(26)
        addi    26, 26, 1
        cmplwi  6, 0
        beq     4f
        bl      put
        b       3b
4:      lwz     25, 4(14)
        bl      hex
        li      6, ' '
        bl      put
        lwz     25, 12(14)
        bl      hex
        li      6, '\n'
        bl      put
        b       pass

# Compares page r20 with its generation r21.
check:  mflr    28
        slwi    24, 20, 12
        add     24, 24, 16
        li      22, 0
1:      bl      word
        slwi    5, 22, 2
        lwzx    4, 24, 5
        cmplw   3, 4
        bne     2f
        addi    22, 22, 1
        cmplwi  22, 1024
        blt     1b
        mtlr    28
        blr
2:      bl      flush
        lwz     3, 12(14)
        addi    3, 3, 1
        stw     3, 12(14)
        stw     20, 20(14)
        mtlr    28
        blr

# Writes page r20 in generation r21.
write:  mflr    28
        bl      flush
        slwi    3, 20, 2
        stwx    21, 15, 3
        slwi    24, 20, 12
        add     24, 24, 16
        li      22, 0
1:      bl      word
        slwi    5, 22, 2
        stwx    3, 24, 5
        addi    22, 22, 1
        cmplwi  22, 1024
        blt     1b
        mtlr    28
        blr

# r3 = word r22 of page r20 in generation r21; changes r4.
word:   andi.   4, 20, 3
        bne     1f
        clrlwi  3, 21, 29
        load32  4, 0x01010101
        mullw   3, 3, 4
        clrldi  3, 3, 32
        blr
1:      slwi    3, 20, 10
        add     3, 3, 22
        cmplwi  4, 1
        bne     2f
        slwi    4, 21, 20
        xor     3, 3, 4
2:      mullw   3, 3, 18
        clrldi  3, 3, 32
        srwi    4, 3, 15
        xor     3, 3, 4
        mullw   3, 3, 19
        clrldi  3, 3, 32
        srwi    4, 3, 13
        xor     3, 3, 4
        andi.   4, 20, 2
        beqlr
        clrlwi  4, 21, 25
        slwi    4, 4, 3
        cmplw   22, 4
        bnelr
        xor     3, 3, 21
        blr

flush:  slbia
        isync
        blr

# Prints r25 as eight hexadecimal digits.
hex:    mflr    28
        li      27, 8
        load32  26, digits
1:      rotlwi  25, 25, 4
        clrlwi  6, 25, 28
        lbzx    6, 26, 6
        bl      put
        addic.  27, 27, -1
        bne     1b
        mtlr    28
        blr

# Prints the character in r6: H_PUT_TERM_CHAR on the first terminal.
put:    sldi    6, 6, 56
        li      7, 0
        li      3, 0x58
        li      4, 0
        li      5, 1
        sc      1
        blr

text:   .asciz  "BERTH "
digits: .ascii  "0123456789abcdef"
