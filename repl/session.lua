-- recorded; run it with: smtpsh test FILE
local server = vars.get("server", smtp.server("sandbox:plain"))

it("saved from the prompt, 2026-11-23 03:02", function()
  local s = smtp.connect(server)
  s.greeting:expect(220)
  s:cmd("EHLO me"):expect(250)
  s:cmd("NOOP"):expect("250 2.0.0")
end)
