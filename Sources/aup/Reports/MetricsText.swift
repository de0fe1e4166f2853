import AupEngine
import AupSound

/// The numbers of a session as Prometheus reads them.
enum MetricsText {
    static func text(_ status: SessionStatus, command: String, stream: String) -> String {
        var text = PrometheusText(labels: [.init("command", command), .init("stream", stream)])
        addStream(status, &text)
        addDevice(status, &text)
        if let peers = status.publishing { add(peers, &text) }
        if let sending = status.sending { add(sending, &text) }
        if let receiving = status.receiving { add(receiving, &text) }
        if let rtp = status.rtp { add(rtp, &text) }
        if let icecast = status.icecast { add(icecast, &text) }
        if let encoding = status.encoding {
            text.add("aup_codec_packets_total", .counter, "Packets that the encoder made.", encoding.packets)
            text.add("aup_codec_bytes_total", .counter, "Bytes of the packets that the encoder made.", encoding.bytes)
        }
        text.add("aup_run_seconds_total", .counter, "Time since the start.", status.seconds)
        text.add("aup_cpu_seconds_total", .counter, "Processor time of all threads.", status.cpuSeconds)
        return text.text
    }

    private static func addStream(_ status: SessionStatus, _ text: inout PrometheusText) {
        if let format = status.format {
            text.add(
                "aup_stream_info", .gauge, "What the sound is; always 1.", Int64(1),
                [
                    .init("format", format.sampleFormat.name), .init("rate", "\(format.rate)"),
                    .init("channels", "\(format.channels)"),
                ])
        }
        let passage = status.passage
        text.add("aup_stream_frames_total", .counter, "Frames that went through, lost ones not.", status.frames)
        text.add("aup_stream_packets_total", .counter, "Packets that went through.", passage.packets)
        text.add("aup_stream_lost_frames_total", .counter, "Frames that are missing.", status.lostFrames)
        text.add("aup_stream_gaps_total", .counter, "Times that frames were missing.", status.gaps)
        text.add(
            "aup_stream_late_packets_total", .counter, "Packets older than the latency that is wanted.",
            passage.latePackets)
        text.add(
            "aup_stream_clipped_samples_total", .counter, "Samples beyond the full scale of where they went.",
            status.clippedSamples)
        text.add("aup_stream_queued_frames", .gauge, "Frames that wait in this process.", status.queuedFrames)
        text.add("aup_stream_reconnects_total", .counter, "Times the source was lost and found.", status.reconnects)
        text.add("aup_stream_waiting", .gauge, "Whether the source is waited for.", Int64(status.isWaiting ? 1 : 0))
        text.add(
            "aup_stream_processing_seconds", "What a packet took from its source to its outputs.", passage.processing)
        text.add("aup_stream_age_seconds", "How old packets were when they came, from their capture.", passage.age)
    }

    private static func addDevice(_ status: SessionStatus, _ text: inout PrometheusText) {
        text.add("aup_device_xruns_total", .counter, "Times a device ran over or under.", status.xruns)
        text.add(
            "aup_device_underrun_frames_total", .counter, "Frames of silence for want of sound.",
            status.underrunFrames)
        text.add(
            "aup_device_skipped_frames_total", .counter, "Frames left out to catch up with the source.",
            status.skippedFrames)
        text.add(
            "aup_device_clock_ratio", .gauge, "The device's clock by the system's, less 1.",
            status.deviceClockPPM.map { $0 / 1e6 })
    }

    private static func add(_ peers: PublishingStatus, _ text: inout PrometheusText) {
        text.add("aup_publish_peers", .gauge, "Subscribers that are there.", peers.peers)
        text.add("aup_publish_refused_total", .counter, "Subscribers that were not served.", peers.refused)
        text.add("aup_publish_packets_total", .counter, "Packets given to all subscribers.", peers.packets)
        text.add("aup_publish_frames_total", .counter, "Frames given to all subscribers.", peers.frames)
        text.add(
            "aup_publish_dropped_frames_total", .counter, "Frames that slow subscribers lost.", peers.lostFrames)
        text.add("aup_publish_sent_bytes_total", .counter, "Bytes given to all subscribers.", peers.bytes)
        text.add(
            "aup_publish_late_packets_total", .counter, "Packets given later than the latency that is wanted.",
            peers.latePackets)
        text.add("aup_publish_rounds_total", .counter, "Times there was something to give.", peers.rounds)
        text.add("aup_publish_writes_total", .counter, "Writes to sockets.", peers.writes)
        text.add(
            "aup_publish_queue_fill_most_ratio", .gauge, "How full the fullest queue of a subscriber is.",
            peers.fullestQueue)
        text.add(
            "aup_publish_queue_fill_mean_ratio", .gauge, "How full the queues are on average.", peers.meanQueue)
        text.add(
            "aup_publish_queue_seconds", .gauge, "How far a subscriber may be behind.",
            Double(peers.queueNanoseconds) / 1e9)
        text.add(
            "aup_publish_gather_seconds", .gauge, "For how long packets are gathered for one write.",
            Double(peers.gatherNanoseconds) / 1e9)
        text.add("aup_publish_load_ratio", .gauge, "The part of the time in which it writes.", peers.load)
        text.add("aup_publish_age_seconds", "How old sound was when it was given, from its capture.", peers.age)
    }

    private static func add(_ sending: SendingStatus, _ text: inout PrometheusText) {
        text.add(
            "aup_send_connected", .gauge, "Whether a receiver takes the stream.", Int64(sending.isConnected ? 1 : 0))
        text.add("aup_send_frames_total", .counter, "Frames that a receiver took.", sending.frames)
        text.add(
            "aup_send_untaken_frames_total", .counter, "Frames that found no receiver, or were lost with one.",
            sending.lostFrames)
        text.add(
            "aup_send_reconnects_total", .counter, "Times that the connection came back.", sending.reconnects)
    }

    private static func add(_ receiving: ReceivingStatus, _ text: inout PrometheusText) {
        text.add("aup_receive_senders", .gauge, "Senders that are there.", receiving.senders)
        text.add("aup_receive_refused_total", .counter, "Senders that were not let in.", receiving.refused)
        text.add(
            "aup_receive_starved_frames_total", .counter, "Frames for which a sender of a mix had nothing.",
            receiving.starvedFrames)
        text.add(
            "aup_receive_left_out_frames_total", .counter, "Frames that came faster than the mix.",
            receiving.skippedFrames)
    }

    private static func add(_ icecast: IcecastStatus, _ text: inout PrometheusText) {
        text.add(
            "aup_icecast_connected", .gauge, "Whether the server takes the stream.",
            Int64(icecast.isConnected ? 1 : 0))
        text.add("aup_icecast_reconnects_total", .counter, "Times that the connection came back.", icecast.reconnects)
        text.add("aup_icecast_pages_total", .counter, "Pages of Ogg that were sent.", icecast.pages)
        text.add(
            "aup_icecast_repeated_pages_total", .counter, "Pages that were sent twice.", icecast.repeatedPages)
        text.add("aup_icecast_sent_bytes_total", .counter, "Bytes of the pages that were sent.", icecast.bytes)
        text.add("aup_icecast_frames_total", .counter, "Frames that the server acknowledged.", icecast.frames)
        text.add("aup_icecast_spooled_frames", .gauge, "Frames that wait for the server.", icecast.spooledFrames)
        text.add(
            "aup_icecast_lost_frames_total", .counter, "Frames that did not fit while the server was away.",
            icecast.lostFrames)
    }

    private static func add(_ rtp: RTPStatus, _ text: inout PrometheusText) {
        text.add("aup_rtp_packets_total", .counter, "Packets of RTP.", rtp.packets)
        text.add("aup_rtp_payload_bytes_total", .counter, "Bytes of sound in them.", rtp.bytes)
        text.add("aup_rtp_refused_packets_total", .counter, "Packets that were not taken.", rtp.refused)
        text.add(
            "aup_rtp_jitter_seconds", .gauge, "Interarrival jitter.", rtp.jitterNanoseconds.map { Double($0) / 1e9 })
        guard !rtp.isSender else {
            text.add("aup_rtp_told_loss_ratio", .gauge, "The part that a receiver lost lately.", rtp.toldLoss)
            text.add(
                "aup_rtp_round_trip_seconds", .gauge, "The way there and back.",
                rtp.roundTripNanoseconds.map { Double($0) / 1e9 })
            return
        }
        text.add("aup_rtp_lost_packets_total", .counter, "Packets that did not come in time.", rtp.lost)
        text.add("aup_rtp_late_packets_total", .counter, "Packets that came too late.", rtp.late)
        text.add("aup_rtp_duplicate_packets_total", .counter, "Packets that came twice.", rtp.duplicates)
        text.add("aup_rtp_reordered_packets_total", .counter, "Packets that came after a later one.", rtp.reordered)
        text.add(
            "aup_rtp_repaired_frames_total", .counter, "Frames that the next packet repeated.", rtp.repairedFrames)
        text.add("aup_rtp_guessed_frames_total", .counter, "Frames that the codec guessed.", rtp.guessedFrames)
    }
}

extension PrometheusText {
    fileprivate mutating func add(_ name: String, _ help: String, _ times: TimeDistribution) {
        add(
            seconds: name, help,
            within: zip(TimeDistribution.bounds, times.within).map { (Double($0) / 1e9, $1) },
            count: times.count, sum: Double(times.sumNanoseconds) / 1e9)
    }
}
