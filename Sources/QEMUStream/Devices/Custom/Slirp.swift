import Migration

/// `slirp`: user networking (libslirp's `src/state.c`).
///
/// Version 4: `2a` and a socket for each forwarded connection, 00, then the address leases. The
/// port and the address of a socket are the host's own integers, so on a little-endian host their
/// octets come reversed.
extension CustomType {
    static let slirp = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let container = decoder.begin(.structure, named: name)
        let sockets = try decoder.begin(.array, "sockets")
        while true {
            let mark = decoder.octet()
            let socket = decoder.begin(.structure)
            try decoder.number(.uint8, "mark")
            guard mark == 42 || mark == 0 else {
                throw decoder.misfit("a socket's mark, or 0")
            }
            if mark == 42 { try decoder.slirpSocket() }
            decoder.end(socket)
            if mark == 0 { break }
        }
        decoder.end(sockets)
        try decoder.number(.uint16, "ip_id")
        try decoder.structures("bootp_clients", count: 16) {
            (decoder) throws(DeviceDecoder.Misfit) in
            try decoder.number(.uint16, "allocated")
            try decoder.buffer("macaddr", 6)
        }
        decoder.end(container)
    }
}

extension DeviceDecoder {
    fileprivate mutating func slirpSocket() throws(Misfit) {
        try number(.uint32, "so_urgc")
        for host in ["fhost", "lhost"] {
            let container = try begin(.structure, host)
            if try number(.uint16, "family") == 2 {
                try number(.uint32, "addr")
                try number(.uint16, "port")
            }
            end(container)
        }
        try numbers(.uint8, "so_iptos", "so_emu", "so_type")
        try number(.uint32, "so_state")
        for buffer in ["so_rcv", "so_snd"] {
            let container = try begin(.structure, buffer)
            try number(.uint32, "sb_cc")
            let length = try number(.uint32, "sb_datalen")
            try numbers(.uint32, "sb_wptr_off", "sb_rptr_off")
            guard length <= UInt64(remaining) else {
                throw misfit("a buffer of \(length) octets")
            }
            try self.buffer("sb_data", Int(length))
            end(container)
        }
        let tcp = try begin(.structure, "so_tcpcb")
        try number(.int16, "t_state")
        try scalars(.int16, "t_timer", count: 4)
        try numbers(.int16, "t_rxtshift", "t_rxtcur", "t_dupacks")
        try number(.uint16, "t_maxseg")
        try number(.uint8, "t_force")
        try number(.uint16, "t_flags")
        try numbers(
            .uint32, "snd_una", "snd_nxt", "snd_up", "snd_wl1", "snd_wl2", "iss", "snd_wnd",
            "rcv_wnd", "rcv_nxt", "rcv_up", "irs", "rcv_adv", "snd_max", "snd_cwnd",
            "snd_ssthresh")
        try numbers(.int16, "t_idle", "t_rtt")
        try number(.uint32, "t_rtseq")
        try numbers(.int16, "t_srtt", "t_rttvar")
        try number(.uint16, "t_rttmin")
        try number(.uint32, "max_sndwnd")
        try numbers(.uint8, "t_oobflags", "t_iobc")
        try number(.int16, "t_softerror")
        try numbers(.uint8, "snd_scale", "rcv_scale", "request_r_scale", "requested_s_scale")
        try numbers(.uint32, "ts_recent", "ts_recent_age", "last_ack_sent")
        end(tcp)
    }
}
