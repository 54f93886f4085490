"""Writes a version 3 file: full pages and fills in turn, or fills alone."""
import random,sys
def tlv(t,c):
    n=len(c)
    if n<128: l=bytes([n])
    else:
        b=n.to_bytes((n.bit_length()+7)//8,'big'); l=bytes([0x80|len(b)])+b
    return t+l+c
def integer(v):
    n=max(1,(v.bit_length()//8)+1); return tlv(b'\x02',v.to_bytes(n,'big',signed=True))
APP=lambda n: {8914:b'\x7f\xc5\x52',9810:b'\x7f\xcc\x52',2003:b'\x7f\x8f\x53',211:b'\x7f\x81\x53',1270481:b'\x7f\xcd\xc5\x51'}[n]
size=int(sys.argv[2]) if len(sys.argv)>2 else 256<<20
mode=sys.argv[3] if len(sys.argv)>3 else 'half'
out=open(sys.argv[1],'wb'); w=out.write
w(APP(1270481)+b'\x80'+integer(3)+b'\x30\x80')
bl=tlv(APP(8914), integer(1<<30)+integer(4)+tlv(b'\x30',tlv(b'\x30',tlv(b'\x0c',b'pc.ram')+integer(1<<30))))
w(tlv(APP(2003), tlv(b'\x0c',b'ram')+integer(2)+integer(0)+integer(4)+tlv(APP(9810),bl)))
rnd=random.Random(1); page=[rnd.randbytes(4096) for _ in range(64)]
n=0; addr=0
while n<size:
    body=[]
    for i in range(512):
        if mode=='fill' or i%2: body.append(tlv(APP(8914), integer(addr)+integer(0x22)+integer(i&255)))
        else: body.append(tlv(APP(8914), integer(addr)+integer(0x28)+tlv(b'\x04',page[i%64])))
        addr+=4096
    s=tlv(APP(211), integer(2)+tlv(APP(9810), b''.join(body)))
    w(s); n+=len(s)
w(b'\0\0\0\0')
