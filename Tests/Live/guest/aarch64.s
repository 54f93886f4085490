// The guest of the live test for aarch64: the `virt` board, MMU off, PL011 serial port.
// See README.md beside this folder for what every guest does and for the layout of DATA.

        .set    UART, 0x09000000

        .text
        .globl  _start
_start: ldr     x19, =DATA
        add     x20, x19, #0x1000       // the table
        add     x21, x19, #0x10000      // the area
        ldr     w22, =PAGES
        ldr     w23, =0x9e3779b1
        ldr     w24, =0x85ebca77
        ldr     x25, =UART
        mov     w26, #0                 // page

1:      mov     w1, #0                  // first fill, generation 0
        bl      write
        add     w26, w26, #1
        cmp     w26, w22
        b.lo    1b
        str     w22, [x19, #16]
        ldr     w0, =0x42455254
        str     w0, [x19]               // the report holds from here on

pass:   mov     w26, #0
page:   ldr     w1, [x20, w26, uxtw #2]
        bl      check
        ldr     w0, [x19, #4]           // rewrite this page in this pass?
        eor     w0, w0, w26
        tst     w0, #7
        b.ne    2f
        and     w0, w26, #3
        cmp     w0, #3
        b.eq    2f
        add     w1, w1, #1
        bl      write
        ldr     w0, [x19, #8]
        add     w0, w0, #1
        str     w0, [x19, #8]
2:      add     w26, w26, #1
        cmp     w26, w22
        b.lo    page

        bl      flush
        ldr     w0, [x19, #4]
        add     w0, w0, #1
        str     w0, [x19, #4]
        adr     x2, text
3:      ldrb    w0, [x2], #1
        cbz     w0, 4f
        bl      put
        b       3b
4:      ldr     w3, [x19, #4]
        bl      hex
        mov     w0, #' '
        bl      put
        ldr     w3, [x19, #12]
        bl      hex
        mov     w0, #'\n'
        bl      put
        b       pass

// Compares page w26 with its generation w1.
check:  mov     x28, x30
        add     x27, x21, x26, lsl #12
        mov     w2, #0
1:      bl      word
        ldr     w3, [x27, w2, uxtw #2]
        cmp     w0, w3
        b.ne    2f
        add     w2, w2, #1
        cmp     w2, #1024
        b.lo    1b
        ret     x28
2:      bl      flush
        ldr     w0, [x19, #12]
        add     w0, w0, #1
        str     w0, [x19, #12]
        str     w26, [x19, #20]
        ret     x28

// Writes page w26 in generation w1.
write:  mov     x28, x30
        bl      flush
        str     w1, [x20, w26, uxtw #2]
        add     x27, x21, x26, lsl #12
        mov     w2, #0
1:      bl      word
        str     w0, [x27, w2, uxtw #2]
        add     w2, w2, #1
        cmp     w2, #1024
        b.lo    1b
        ret     x28

// w0 = word w2 of page w26 in generation w1; changes w4.
word:   ands    w4, w26, #3
        b.ne    1f
        and     w0, w1, #7
        mov     w4, #0x01010101
        mul     w0, w0, w4
        ret
1:      add     w0, w2, w26, lsl #10
        cmp     w4, #1
        b.ne    2f
        eor     w0, w0, w1, lsl #20
2:      mul     w0, w0, w23
        eor     w0, w0, w0, lsr #15
        mul     w0, w0, w24
        eor     w0, w0, w0, lsr #13
        tbz     w26, #1, 3f
        and     w4, w1, #127
        cmp     w2, w4, lsl #3
        b.ne    3f
        eor     w0, w0, w1
3:      ret

flush:  tlbi    vmalle1
        dsb     sy
        isb
        ret

// Prints w3 as eight hexadecimal digits.
hex:    mov     x28, x30
        mov     w4, #8
        adr     x5, digits
1:      ror     w3, w3, #28
        and     w0, w3, #15
        ldrb    w0, [x5, w0, uxtw]
        bl      put
        subs    w4, w4, #1
        b.ne    1b
        ret     x28

put:    ldr     w6, [x25, #0x18]
        tbnz    w6, #5, put             // transmit FIFO full
        str     w0, [x25]
        ret

text:   .asciz  "BERTH "
digits: .ascii  "0123456789abcdef"
        .align  3
        .ltorg
