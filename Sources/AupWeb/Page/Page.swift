/// The page, in one piece: nothing in it is loaded from anywhere.
///
/// - Thread: any.
enum Page {
    static let type = "text/html; charset=utf-8"

    /// What the page may do: run and look as this very reply says, ask where it came from, and nothing else. The number is
    /// new for each reply, so that nothing that gets into the page some other way is run (CSP level 3, W3C).
    static func policy(nonce: String) -> WebReply.Header {
        WebReply.Header(
            name: "Content-Security-Policy",
            value: "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; "
                + "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
                + "require-trusted-types-for 'script'")
    }

    static func meter(nonce: String) -> [UInt8] {
        page(title: "aup meter", nonce: nonce, body: body, script: [numbers, bars, plots, link].joined())
    }

    /// What is shown to who has no token.
    static func question(nonce: String) -> [UInt8] {
        let body = """
            <main class="question">
            <h1>aup meter</h1>
            <form action="/" method="get">
            <label for="token">This page asks for the token that was given to <code>--web-token</code>.</label>
            <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
            <button>Go on</button>
            </form>
            </main>
            """
        return page(title: "aup meter: token", nonce: nonce, body: body, script: nil)
    }

    /// Three bars, as a picture that needs no request.
    private static let icon = """
        data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E\
        %3Crect width='16' height='16' rx='3' fill='%2311161a'/%3E\
        %3Cpath d='M4 13V7M8 13V3M12 13V9' stroke='%2335b8a6' stroke-width='2.4'/%3E%3C/svg%3E
        """

    private static func page(title: String, nonce: String, body: String, script: String?) -> [UInt8] {
        let code = script.map { "<script nonce=\"\(nonce)\">\n'use strict';\n\($0)\n</script>\n" } ?? ""
        return Array(
            """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="dark light">
            <title>\(title)</title>
            <link rel="icon" href="\(icon)">
            <style nonce="\(nonce)">
            \(style)
            </style>
            </head>
            <body>
            \(body)
            \(code)</body>
            </html>

            """.utf8)
    }
}
