package luabind_test

import (
	"strconv"
	"testing"

	"smtpsh/internal/dialer"
	"smtpsh/luabind"
	"smtpsh/luabind/all"
)

// The cost of a call from Lua: a method, and a method with a condition on a reply.
func BenchmarkCall(b *testing.B) {
	for _, bb := range []struct{ name, call string }{
		{"has", `s:has("PIPELINING")`}, {"expect", "r:expect(250)"}, {"field", "local _ = r.code"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			d := &dialer.Dialer{Target: "sandbox:plain/mx"}
			defer d.Close()
			vm := luabind.New(&host{dialer: d}, luabind.Options{Library: all.Library()})
			defer vm.Close()
			script := "local s = smtp.connect()\nlocal r = s:ehlo()\nfor _ = 1, tonumber(arg[1]) do " + bb.call + " end"
			b.ReportAllocs()
			b.ResetTimer()
			if err := vm.Run(b.Context(), "bench.lua", []byte(script), []string{strconv.Itoa(b.N)}); err != nil {
				b.Fatal(err)
			}
		})
	}
}
