package smtpmod

import (
	"reflect"
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/tlsinfo"
	"smtpsh/luabind"
	"smtpsh/transcript"
)

func certField(get func(*tlsinfo.Cert) lua.LValue) func(*luabind.Call, any) lua.LValue {
	return func(_ *luabind.Call, v any) lua.LValue { return get(v.(*tlsinfo.Cert)) }
}

var certClass = luabind.Class{
	Name: "smtp.Cert", Type: reflect.TypeFor[*tlsinfo.Cert](),
	Example: `local s = smtp.open("sandbox:plain", {starttls = "require"}); local x = s.tls.cert`,
	String:  func(v any) string { return transcript.Escape(v.(*tlsinfo.Cert).Subject) }, Doc: "A certificate.",
	Fields: []luabind.Field{
		{
			Name: "subject", Type: "string", Doc: "The subject.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Subject) }),
		},
		{
			Name: "issuer", Type: "string", Doc: "The issuer.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Issuer) }),
		},
		{Name: "names", Type: "string[]", Doc: "The DNS names and IP addresses in the " +
			"certificate.", Get: func(c *luabind.Call, v any) lua.LValue {
			t := c.L.NewTable()
			for _, n := range v.(*tlsinfo.Cert).Names {
				t.Append(lua.LString(n))
			}
			return t
		}},
		{Name: "key", Type: "string", Doc: "The kind of key.", Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Key) })},
		{
			Name: "signature", Type: "string", Doc: "The signature algorithm.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Signature) }),
		},
		{
			Name: "serial", Type: "string", Doc: "The serial number, hexadecimal.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Serial) }),
		},
		{
			Name: "ca", Type: "boolean", Doc: "Whether it is a CA certificate.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LBool(c.CA) }),
		},
		{
			Name: "not_before", Type: "integer",
			Doc: "Start of its validity, in seconds since 1970.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LNumber(c.NotBefore.Unix()) }),
		},
		{
			Name: "not_after", Type: "integer",
			Doc: "End of its validity, in seconds since 1970.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LNumber(c.NotAfter.Unix()) }),
		},
		{
			Name: "days_left", Type: "integer",
			Doc: "Whole days until it expires; negative if it has expired.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LNumber(c.DaysLeft(time.Now())) }),
		},
		{
			Name: "sha256", Type: "string", Doc: "The fingerprint, hexadecimal.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.SHA256) }),
		},
		{
			Name: "key_sha256", Type: "string",
			Doc: "The fingerprint of its public key (SubjectPublicKeyInfo), hexadecimal.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.KeySHA256) }),
		},
		{
			Name: "self_signed", Type: "boolean",
			Doc: "Whether it is self-signed.",
			Get: certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LBool(c.SelfSign) }),
		},
	},
}
