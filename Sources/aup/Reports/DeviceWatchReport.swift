import AupEngine
import AupSound

/// `aup devices --watch`: what is there, then a line for each change, until a signal comes.
struct DeviceWatchReport {
    let duration: TimeSpan?
    let reports: AnswerOptions

    func run() -> Never {
        let watch = DeviceWatch(duration: duration)
        if !reports.quiet {
            tell(watch.present)
            // Whoever waits for changes knows from here on that none is missed.
            let sources = watch.sources
            Printer.line(reports.json ? WatchText.object(sources) : WatchText.line(sources), to: .standardOutput)
        }
        _ = watch.run(tell)
        ExitCodes.end(0)
    }

    private func tell(_ lines: [DeviceNews.Announcement]) {
        // Those that belong together, with one write each, so that no other's line comes between the words of one.
        for line in lines {
            let text = reports.json ? WatchText.object(line) : Printer.printable(WatchText.line(line))
            Printer.line(text, to: .standardOutput)
        }
    }
}
