import Migration

/// The queues and interrupts of vmxnet3 in QEMU up to 2.8 (`hw/net/vmxnet3.c`,
/// `vmxnet3_put_txq_descr` and its like). Names are those of the descriptions that came then.
extension CustomType {
    static let vmxnet3SendQueue = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let queue = decoder.begin(.structure, named: name)
        try decoder.vmxnet3Ring(named: try decoder.interned("tx_ring"))
        try decoder.vmxnet3Ring(named: try decoder.interned("comp_ring"))
        try decoder.number(.uint8, "intr_idx")
        try decoder.number(.uint64, "tx_stats_pa")
        let counts = try decoder.begin(.structure, "txq_stats")
        try decoder.numbers(
            .uint64, "TSOPktsTxOK", "TSOBytesTxOK", "ucastPktsTxOK", "ucastBytesTxOK",
            "mcastPktsTxOK", "mcastBytesTxOK", "bcastPktsTxOK", "bcastBytesTxOK", "pktsTxError",
            "pktsTxDiscard")
        decoder.end(counts)
        decoder.end(queue)
    }

    static let vmxnet3ReceiveQueue = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let queue = decoder.begin(.structure, named: name)
        let rings = try decoder.begin(.array, "rx_ring")
        for _ in 0..<2 { try decoder.vmxnet3Ring(named: -1) }
        decoder.end(rings)
        try decoder.vmxnet3Ring(named: try decoder.interned("comp_ring"))
        try decoder.number(.uint8, "intr_idx")
        try decoder.number(.uint64, "rx_stats_pa")
        let counts = try decoder.begin(.structure, "rxq_stats")
        try decoder.numbers(
            .uint64, "LROPktsRxOK", "LROBytesRxOK", "ucastPktsRxOK", "ucastBytesRxOK",
            "mcastPktsRxOK", "mcastBytesRxOK", "bcastPktsRxOK", "bcastBytesRxOK",
            "pktsRxOutOfBuf", "pktsRxError")
        decoder.end(counts)
        decoder.end(queue)
    }

    static let vmxnet3Interrupt = CustomType { (decoder, name, _) throws(DeviceDecoder.Misfit) in
        let interrupt = decoder.begin(.structure, named: name)
        try decoder.numbers(.bool, "is_masked", "is_pending", "is_asserted")
        decoder.end(interrupt)
    }
}

extension DeviceDecoder {
    fileprivate mutating func vmxnet3Ring(named name: Int32) throws(Misfit) {
        let ring = begin(.structure, named: name)
        try number(.uint64, "pa")
        try numbers(.uint32, "size", "cell_size", "next")
        try number(.uint8, "gen")
        end(ring)
    }
}
