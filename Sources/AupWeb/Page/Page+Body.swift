extension Page {
    /// What stands where. Numbers are named by the member of the reading that they show.
    static let body = #"""
        <header>
        <h1>aup <span>meter</span></h1>
        <p id="source"></p>
        <p id="state" role="status" aria-live="polite"><i></i><span>Connecting</span></p>
        <p class="buttons">
        <button id="pause" type="button" aria-pressed="false">Pause</button>
        <button id="reset" type="button">Reset</button>
        </p>
        </header>
        <p id="notice" role="alert" hidden></p>
        <main>
        <section class="levels" aria-labelledby="levels-title">
        <h2 id="levels-title">Levels <small>dBFS</small></h2>
        <div class="row scale" aria-hidden="true">
        <span class="name"></span><span class="ticks" id="ticks"></span>
        <span class="number peak">peak</span><span class="number max">max</span>
        <span class="number true">dBTP</span><span class="number over">clips</span>
        </div>
        <div id="channels"></div>
        <div class="correlation">
        <span id="correlation-title">Correlation</span>
        <span class="balance" id="balance" role="meter" aria-labelledby="correlation-title" aria-valuemin="-1"
        aria-valuemax="1"><i id="needle"></i></span>
        <b data-value="correlation" data-digits="2">–</b>
        <small class="ends" aria-hidden="true"><span>−1</span><span>0</span><span>+1</span></small>
        </div>
        </section>
        <section class="loudness" aria-labelledby="loudness-title">
        <h2 id="loudness-title">Loudness <small>LUFS</small>
        <label>Target <select id="target">
        <option value="">none</option>
        <option value="-23">−23 (EBU R 128)</option>
        <option value="-24">−24 (ATSC A/85)</option>
        <option value="-18">−18</option>
        <option value="-16">−16</option>
        <option value="-14">−14</option>
        </select></label></h2>
        <dl class="great">
        <div><dt>Momentary</dt><dd data-value="momentary_lufs">–</dd></div>
        <div><dt>Short-term</dt><dd data-value="short_term_lufs">–</dd></div>
        <div class="chief"><dt>Integrated</dt><dd data-value="integrated_lufs">–</dd></div>
        </dl>
        <dl class="small">
        <div><dt>Range</dt><dd><b data-value="lra_lu">–</b> LU</dd></div>
        <div><dt>True peak</dt><dd><b data-value="true_peak_dbtp">–</b> dBTP</dd></div>
        <div><dt>Max momentary</dt><dd><b data-value="max_momentary_lufs">–</b></dd></div>
        <div><dt>Max short-term</dt><dd><b data-value="max_short_term_lufs">–</b></dd></div>
        </dl>
        </section>
        <section class="spectrum" aria-labelledby="spectrum-title">
        <h2 id="spectrum-title">Spectrum <small>dBFS</small> <output id="probe"></output></h2>
        <canvas id="spectrum" role="img" aria-label="Spectrum"></canvas>
        </section>
        <section class="history" aria-labelledby="history-title">
        <h2 id="history-title">Loudness over time <small>LUFS</small>
        <span class="legend" aria-hidden="true"><i class="m"></i>momentary <i class="s"></i>short-term
        <i class="i"></i>integrated</span></h2>
        <canvas id="history" role="img" aria-label="Loudness over time"></canvas>
        </section>
        <section class="facts" aria-labelledby="facts-title">
        <h2 id="facts-title">Stream</h2>
        <dl>
        <div class="wide"><dt>Format</dt><dd data-text="format">–</dd></div>
        <div><dt>Time</dt><dd id="time">–</dd></div>
        <div><dt>Latency</dt><dd><b data-value="latency_ms">–</b> ms</dd></div>
        <div><dt>Xruns</dt><dd data-count="xruns">–</dd></div>
        <div><dt>Gaps</dt><dd data-count="gaps">–</dd></div>
        <div><dt>Lost frames</dt><dd data-count="lost_frames">–</dd></div>
        <div><dt>Silent for</dt><dd id="silent">–</dd></div>
        </dl>
        </section>
        </main>
        <noscript><p class="notice">The page draws with JavaScript; <a href="/api/levels">the numbers</a> come without.
        </p></noscript>
        """#
}
