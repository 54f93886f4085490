import Migration

/// The channel subsystem's part of a virtio device (QEMU's `hw/s390x/virtio-ccw.c`,
/// `vmstate_virtio_ccw_dev`, and `css.c`, `vmstate_subch_dev`).
extension DeviceDecoder {
    mutating func virtioCCW() throws(Misfit) {
        let device = try begin(.structure, "ccw")
        try structure("parent_obj") { (decoder) throws(Misfit) in
            try decoder.structure("sch") { (decoder) throws(Misfit) in try decoder.subchannel() }
        }
        for name in ["indicators", "indicators2", "summary_indicator"] {
            let indicator = try begin(.structure, name)
            try number(.int32, "len")
            try number(.uint64, "addr")
            end(indicator)
        }
        try number(.uint16, "config_vector")
        try structure("routes") { (decoder) throws(Misfit) in
            try decoder.structure("adapter") { (decoder) throws(Misfit) in
                try decoder.number(.uint64, "ind_offset")
                let name = "s390_adapter_info/summary_offset"
                if decoder.subsectionName(prefix: name) == name {
                    try decoder.subsection(name) { (decoder, _) throws(Misfit) in
                        try decoder.number(.uint32, "summary_offset")
                    }
                }
            }
        }
        try number(.uint8, "thinint_isc")
        try number(.int32, "revision")
        end(device)
    }

    private mutating func subchannel() throws(Misfit) {
        try numbers(.uint8, "cssid", "ssid")
        try numbers(.uint16, "migrated_schid", "devno")
        try number(.bool, "thinint_active")
        try structure("curr_status") { (decoder) throws(Misfit) in
            try decoder.structure("pmcw") { (decoder) throws(Misfit) in
                try decoder.number(.uint32, "intparm")
                try decoder.numbers(.uint16, "flags", "devno")
                try decoder.numbers(.uint8, "lpm", "pnom", "lpum", "pim")
                try decoder.number(.uint16, "mbi")
                try decoder.numbers(.uint8, "pom", "pam")
                try decoder.scalars(.uint8, "chpid", count: 8)
                try decoder.number(.uint32, "chars")
            }
            try decoder.structure("scsw") { (decoder) throws(Misfit) in
                try decoder.numbers(.uint16, "flags", "ctrl")
                try decoder.number(.uint32, "cpa")
                try decoder.numbers(.uint8, "dstat", "cstat")
                try decoder.number(.uint16, "count")
            }
            try decoder.number(.uint64, "mba")
            try decoder.scalars(.uint8, "mda", count: 4)
        }
        try scalars(.uint8, "sense_data", count: 32)
        try number(.uint64, "channel_prog")
        try structure("last_cmd") { (decoder) throws(Misfit) in
            try decoder.numbers(.uint8, "cmd_code", "flags")
            try decoder.number(.uint16, "count")
            try decoder.number(.uint32, "cda")
        }
        try number(.bool, "last_cmd_valid")
        try structure("id") { (decoder) throws(Misfit) in
            try decoder.number(.uint8, "reserved")
            guard try decoder.number(.uint16, "cu_type") == 0x3832 else {
                throw decoder.misfit("virtio's control unit, 3832")
            }
            try decoder.number(.uint8, "cu_model")
            try decoder.number(.uint16, "dev_type")
            try decoder.numbers(.uint8, "dev_model", "unused")
            try decoder.structures("ciw", count: 62) { (decoder) throws(Misfit) in
                try decoder.numbers(.uint8, "type", "command")
                try decoder.number(.uint16, "count")
            }
        }
        try number(.bool, "ccw_fmt_1")
        try number(.uint8, "ccw_no_data_cnt")
        let orb = "s390_subch_dev/orb"
        if subsectionName(prefix: orb) == orb {
            try subsection(orb) { (decoder, _) throws(Misfit) in
                try decoder.structure("orb") { (decoder) throws(Misfit) in
                    try decoder.number(.uint32, "intparm")
                    try decoder.number(.uint16, "ctrl0")
                    try decoder.numbers(.uint8, "lpm", "ctrl1")
                    try decoder.number(.uint32, "cpa")
                }
            }
        }
    }
}
