extension Page {
    /// How it looks. Colours mean something: teal is sound, amber is near the end of the scale, red is beyond it.
    static let style = #"""
        :root {
          color-scheme: light dark;
          --ground: #f2f4f5; --panel: #ffffff; --edge: #dde2e6; --grid: #e6eaed; --track: #e9edf0;
          --text: #14191d; --quiet: #586570; --sound: #0d8a7b; --fill: #0d8a7b2e; --near: #c98a10; --over: #cf2f36;
          --m: #8ea3b4; --i: #b0670a; --word-near: #8f5f00;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #0e1113; --panel: #15191c; --edge: #242a2f; --grid: #21272c; --track: #20262b;
            --text: #e8ecef; --quiet: #8c98a3; --sound: #34b7a5; --fill: #34b7a530; --near: #e0a63a; --over: #f0555b;
            --m: #5f7280; --i: #e3b15c; --word-near: #e0a63a;
          }
        }
        * { box-sizing: border-box; margin: 0; }
        html { -webkit-text-size-adjust: 100%; }
        body {
          max-width: 1280px; margin: 0 auto; padding: 14px 20px 24px; background: var(--ground); color: var(--text);
          font: 14px/1.4 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
          font-variant-numeric: tabular-nums;
        }
        header { display: flex; align-items: center; gap: 8px 18px; flex-wrap: wrap; margin-bottom: 14px; }
        h1 { font-size: 17px; font-weight: 650; letter-spacing: .01em; }
        h1 span { color: var(--quiet); font-weight: 400; }
        h2 { display: flex; align-items: baseline; gap: 8px; font-size: 13px; font-weight: 600; margin-bottom: 10px; }
        h2 small { color: var(--quiet); font-weight: 400; font-size: 12px; }
        h2 label, h2 output, h2 .legend { margin-left: auto; color: var(--quiet); font-weight: 400; font-size: 12px; }
        #source { color: var(--quiet); flex: 1 1 120px; min-width: 0; overflow-wrap: anywhere; }
        #state { display: flex; align-items: center; gap: 8px; min-width: 112px; }
        #state i { width: 9px; height: 9px; border-radius: 50%; background: var(--quiet); flex: none; }
        #state.live i { background: var(--sound); }
        #state.held i { background: var(--near); border-radius: 2px; }
        #state.lost i { background: var(--over); }
        .buttons { display: flex; gap: 8px; }
        button, select, input {
          font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--edge); border-radius: 6px;
        }
        button { padding: 6px 14px; min-width: 84px; cursor: pointer; }
        button:hover { border-color: var(--quiet); }
        button[aria-pressed=true] { border-color: var(--near); color: var(--word-near); }
        select { padding: 2px 4px; max-width: 150px; }
        :focus-visible { outline: 2px solid var(--sound); outline-offset: 2px; }
        #notice, .notice {
          margin-bottom: 14px; padding: 8px 12px; border: 1px solid var(--edge); border-left: 4px solid var(--near);
          border-radius: 6px; background: var(--panel);
        }
        #notice.lost { border-left-color: var(--over); }
        [hidden] { display: none !important; }
        main {
          display: grid; gap: 14px; grid-template-columns: minmax(0, 7fr) minmax(0, 5fr);
          grid-template-areas: "levels loudness" "spectrum history" "facts facts";
        }
        section { background: var(--panel); border: 1px solid var(--edge); border-radius: 10px; padding: 12px 16px 14px; }
        main.tall { grid-template-areas: "levels loudness" "levels history" "spectrum spectrum" "facts facts";
          grid-template-rows: auto 1fr auto auto; }
        .levels { grid-area: levels; } .loudness { grid-area: loudness; } .spectrum { grid-area: spectrum; }
        .history { grid-area: history; } .facts { grid-area: facts; }

        .row {
          display: grid; grid-template-columns: 42px minmax(0, 1fr) repeat(3, 52px) 40px; gap: 0 8px; align-items: center;
        }
        .row + .row { margin-top: 6px; }
        .name { color: var(--quiet); overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
        .number { text-align: right; white-space: nowrap; }
        .scale { color: var(--quiet); font-size: 11px; margin-bottom: 5px; }
        .ticks { position: relative; height: 20px; }
        .ticks b { position: absolute; bottom: 5px; font-weight: 400; transform: translateX(-50%); }
        .ticks b::after {
          content: ""; position: absolute; left: 50%; bottom: -5px; height: 4px; border-left: 1px solid var(--quiet);
        }
        .track { position: relative; height: 18px; border-radius: 3px; overflow: hidden; background: var(--track); }
        .track i { position: absolute; inset: 0; }
        /* -18, -9 and -1 dBFS on the scale that bars.js draws. */
        .track .lit { background: linear-gradient(90deg, var(--sound) 72%, var(--near) 74% 90.4%, var(--over) 90.8%); }
        .track .dim { background: var(--panel); opacity: .45; transform-origin: right; }
        .track .dark { background: var(--track); transform-origin: right; }
        .track .hold::after {
          content: ""; position: absolute; inset: 0 auto 0 0; width: 2px; margin-left: -2px; background: var(--text);
        }
        .few .track { height: 28px; } .few .row + .row { margin-top: 9px; }
        .many .track { height: 11px; } .many .row + .row { margin-top: 2px; } .many { font-size: 12px; line-height: 1.25; }
        .near { color: var(--word-near); } .beyond { color: var(--over); font-weight: 650; }

        .correlation {
          display: grid; grid-template-columns: auto minmax(0, 1fr) 54px; gap: 0 12px; align-items: center;
          margin-top: 16px;
        }
        .correlation > span:first-child { color: var(--quiet); }
        .correlation b { font-weight: 400; text-align: right; }
        .balance { position: relative; height: 8px; border-radius: 4px; background: var(--track); overflow: hidden; }
        .balance::after { content: ""; position: absolute; left: 50%; top: 0; bottom: 0; border-left: 1px solid var(--quiet); }
        .balance i { position: absolute; inset: 0 0 0 50%; transform-origin: left; background: var(--sound); }
        .balance.against i { background: var(--over); }
        .ends { grid-column: 2; display: flex; justify-content: space-between; color: var(--quiet); font-size: 11px; }

        dt { color: var(--quiet); font-size: 12px; }
        .great { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 8px; }
        .great dd { font-size: clamp(24px, 2.9vw, 38px); line-height: 1.2; font-weight: 400; letter-spacing: -.02em; }
        .great .chief dd { font-weight: 650; }
        .small { display: grid; grid-template-columns: 1fr 1fr; gap: 10px 8px; margin-top: 14px; padding-top: 12px;
          border-top: 1px solid var(--edge); }
        dd b { font-weight: 500; } .small dd { color: var(--quiet); } .small dd b { color: var(--text); font-size: 17px; }
        .small dd b.near { color: var(--word-near); } .small dd b.beyond { color: var(--over); }
        canvas { display: block; width: 100%; height: 230px; touch-action: pan-y; }
        .legend i { display: inline-block; width: 14px; height: 0; margin: 0 4px 3px 8px; border-top: 2px solid; }
        .legend .m { color: var(--m); border-top-width: 1px; } .legend .s { color: var(--sound); }
        .legend .i { color: var(--i); border-top-style: dashed; }
        .facts dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(118px, 1fr)); gap: 10px 16px; }
        .facts .wide { grid-column: span 2; } .facts dd { overflow-wrap: anywhere; }
        .question { display: block; max-width: 420px; margin: 12vh auto 0; }
        .question form { display: grid; gap: 12px; margin-top: 16px; } .question input { padding: 8px; }

        @media (min-width: 861px) {
          .few .track { height: 38px; } .few .row + .row { margin-top: 12px; }
        }
        @media (max-width: 860px) {
          main, main.tall { grid-template-columns: minmax(0, 1fr); grid-template-rows: auto; gap: 10px;
            grid-template-areas: "loudness" "levels" "spectrum" "history" "facts"; }
          .great dd { font-size: clamp(26px, 8.4vw, 40px); }
        }
        @media (max-width: 480px) {
          body { padding: 10px 10px 20px; } section { padding: 10px 12px 12px; }
          header { gap: 6px 12px; } #source { order: 3; flex-basis: 100%; } .buttons { margin-left: auto; }
          button { min-width: 66px; padding: 6px 10px; } #state { min-width: 0; }
          .row { grid-template-columns: 30px minmax(0, 1fr) 46px 32px; } .row .peak, .row .true { display: none; }
          .ticks [data-level="-40"], .ticks [data-level="-24"], .ticks [data-level="-12"], .ticks [data-level="-3"] {
            display: none;
          }
          canvas { height: 190px; } h2 { flex-wrap: wrap; } .facts .wide { grid-column: 1 / -1; }
          .facts dl { grid-template-columns: 1fr 1fr; } .legend i { margin-left: 4px; }
        }
        """#
}
