/// The page that shows a report.
public enum ReportPage {
    /// Where the data goes.
    static let mark = "@@DATA@@"

    /// The page with its data.
    ///
    /// JSON inside HTML must not have `<`: a name from the input could end the element around it.
    public static func text(with json: String) -> String {
        var data: [UInt8] = []
        data.reserveCapacity(json.utf8.count)
        for octet in json.utf8 {
            switch octet {
            case UInt8(ascii: "<"): data.append(contentsOf: "\\u003c".utf8)
            case UInt8(ascii: ">"): data.append(contentsOf: "\\u003e".utf8)
            case UInt8(ascii: "&"): data.append(contentsOf: "\\u0026".utf8)
            default: data.append(octet)
            }
        }
        let text = Array(template.utf8)
        let place = text.firstPlace(of: Array(mark.utf8)) ?? text.endIndex..<text.endIndex
        return String(
            decoding: text[..<place.lowerBound] + data + text[place.upperBound...], as: UTF8.self)
    }
}
