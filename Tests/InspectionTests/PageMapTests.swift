import Foundation
import Testing

@testable import Inspection

@Suite("Maps of pages")
struct PageMapTests {
    @Test("A cell tells the page's last state and how often it was sent")
    func lastState() {
        var map = PageMap(name: "m", length: 5 * 4096, pageSize: 4096)
        map.mark(.zero, offset: 0, count: 4)
        map.mark(.full, offset: 4096, count: 2)
        map.mark(.xbzrle, offset: 4096, count: 1)
        // zero 1, full 5, xbzrle 3; the times eightfold.
        let cells: [UInt8] = [9, 27, 21, 9, 0]
        #expect(map.cells == cells)
    }

    @Test("More than 31 times are 31")
    func often() {
        var map = PageMap(name: "m", length: 4096, pageSize: 4096)
        for _ in 0..<40 { map.mark(.full, offset: 0, count: 1) }
        #expect(map.cells == [253])
    }

    @Test("A block that ends within a page has a cell for it")
    func partial() {
        #expect(PageMap(name: "m", length: 4097, pageSize: 4096).cells.count == 2)
        #expect(PageMap(name: "m", length: 0, pageSize: 4096).cells.isEmpty)
    }

    @Test("A large block has cells of several pages, which show what most says of content")
    func large() {
        // 3 Mi pages: four to a cell.
        var map = PageMap(name: "m", length: 3 << 32, pageSize: 4096)
        #expect(map.pagesPerCell == 4)
        #expect(map.cells.count == 3 << 18)
        map.mark(.full, offset: 5 * 4096, count: 1)
        map.mark(.zero, offset: 0, count: 8)
        map.mark(.zero, offset: 11 * 4096, count: 2)
        #expect(map.cells[0..<5] == [1, 5, 1, 1, 0])
    }

    @Test("Pages that no block has are passed over", arguments: [4096, 1 << 40, UInt64.max])
    func outside(offset: UInt64) {
        var map = PageMap(name: "m", length: 4096, pageSize: 4096)
        map.mark(.full, offset: offset, count: .max)
        #expect(map.cells == [0])
    }

    @Test("No block takes more than a mebi of cells")
    func hostile() {
        let map = PageMap(name: "m", length: .max, pageSize: 1)
        #expect(map.cells.count == 1 << 20)
    }

    @Test("Runs have their lengths in groups of seven bits")
    func runs() {
        var map = PageMap(name: "m", length: 300 * 4096, pageSize: 4096)
        map.mark(.zero, offset: 0, count: 1)
        // 299 = 2 * 128 + 43, 43 with the highest bit set is ab.
        #expect(map.runs == [9, 1, 0, 0xab, 2])
    }

    @Test("The page in the binary is that in Pages/")
    func sameText() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appendingPathComponent("Pages/report.html")
        #expect(ReportPage.template == (try String(contentsOf: file, encoding: .utf8)))
    }

    @Test("Nothing in the data can end the element that holds it")
    func escaped() {
        let page = ReportPage.text(with: #"{"a":"</script><b>&amp;"}"#)
        #expect(page.contains(#"{"a":"\u003c/script\u003e\u003cb\u003e\u0026amp;"}"#))
    }
}
