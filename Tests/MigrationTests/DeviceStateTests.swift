import Migration
import Testing

@Suite("DeviceState")
struct DeviceStateTests {
    @Test("Values stand in order, each before what it holds, and are found by their container")
    func order() {
        var state = DeviceState()
        var names: [String: Int32] = [:]
        state.add(.uint8, name: state.intern("a", &names), bits: 7)
        let outer = state.beginContainer(.structure, name: state.intern("s", &names))
        state.add(.blob, name: state.intern("a", &names), octets: [1, 2, 3])
        let inner = state.beginContainer(.array, name: state.intern("b", &names))
        state.add(.absent, name: -1, bits: 0)
        state.endContainer(inner)
        state.endContainer(outer)
        state.add(.scalars, of: .uint16, name: -1, octets: [0, 1, 0, 2])
        state.finish()
        // Root, a, s, s.a, s.b, its element, the scalars.
        #expect(state.nodes.map(\.end) == [7, 2, 6, 4, 6, 6, 7])
        #expect(Array(state.children(of: 0)) == [1, 2, 6])
        #expect(Array(state.children(of: 2)) == [3, 4])
        #expect(state.names == ["a", "s", "b"])
        #expect(state.name(of: state.nodes[3]) == "a" && state.name(of: state.nodes[6]) == "")
        #expect(Array(state.octets(of: state.nodes[3])) == [1, 2, 3])
        #expect(Array(state.octets(of: state.nodes[6])) == [0, 1, 0, 2])
    }

    @Test("What is taken back leaves nothing behind")
    func rewind() {
        var state = DeviceState()
        state.add(.blob, name: -1, octets: [1])
        let (nodes, octets) = (state.nodes, state.octets)
        let container = state.beginContainer(.list, name: -1)
        state.add(.blob, name: -1, octets: [2, 3])
        state.endContainer(container)
        state.rewind(nodes: nodes.count, octets: octets.count)
        #expect(state.nodes == nodes && state.octets == octets)
    }

    @Test("A state without values has no children")
    func empty() {
        var state = DeviceState()
        state.finish()
        #expect(Array(state.children(of: 0)).isEmpty)
    }
}
