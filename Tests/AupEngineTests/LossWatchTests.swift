import Testing

@testable import AupEngine

@Suite struct `What is told of losses` {
    private func status(_ underrunFrames: Int64, _ seconds: Double) -> SessionStatus {
        var status = SessionStatus()
        status.underrunFrames = underrunFrames
        status.seconds = seconds
        return status
    }

    @Test func `a loss is told when it is over, as one`() {
        var watch = LossWatch()
        #expect(watch.news(status(0, 0)) == [])
        #expect(watch.news(status(100, 1)) == [])
        #expect(watch.news(status(200, 2)) == [])
        #expect(watch.news(status(200, 3)) == [.underrun(frames: 200)])
        #expect(watch.news(status(200, 4)) == [])
    }

    @Test func `one that lasts is told every five seconds`() {
        var watch = LossWatch()
        var told: [SessionEvent] = []
        for second in 0...12 { told += watch.news(status(Int64(second), Double(second))) }
        #expect(told == [.underrun(frames: 6), .underrun(frames: 6)])
        #expect(watch.news(status(13, 13)) == [])
        #expect(watch.news(status(13, 14)) == [.underrun(frames: 1)])
    }

    @Test func `the last look tells all`() {
        var watch = LossWatch()
        #expect(watch.news(status(7, 1), isLast: true) == [.underrun(frames: 7)])
    }
}
