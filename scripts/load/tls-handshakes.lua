-- summary: load: connect, start TLS and quit
-- usage: smtpsh load tls-handshakes --server HOST [--sessions N] [--var resume=yes]
-- needs: a server with STARTTLS, or smtps://HOST; its CA certificate with --ca

local load = require("load")
local s = smtp.connect(load.target, { tls_resume = vars.get("resume", "no") == "yes" or nil })
s.greeting:expect(220)
if not s.tls then
  s:ehlo():expect(250)
  s:starttls():expect(220)
end
s:ehlo():expect(250)
s:quit()
