package luabind

import (
	"time"

	lua "github.com/yuin/gopher-lua"

	"smtpsh/engine/tlsinfo"
)

func certField(get func(*tlsinfo.Cert) lua.LValue) func(*Call, any) lua.LValue {
	return func(_ *Call, v any) lua.LValue { return get(v.(*tlsinfo.Cert)) }
}

var certClass = Class{
	Name: "smtp.Cert", Doc: "A certificate.",
	Fields: []Field{
		{"subject", "string", "Whom it is for.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Subject) })},
		{"issuer", "string", "Who signed it.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Issuer) })},
		{"names", "string[]", "The DNS names and addresses that it covers.", func(c *Call, v any) lua.LValue {
			t := c.L.NewTable()
			for _, n := range v.(*tlsinfo.Cert).Names {
				t.Append(lua.LString(n))
			}
			return t
		}},
		{"key", "string", "The kind of key.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Key) })},
		{"signature", "string", "The signature algorithm.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Signature) })},
		{"serial", "string", "The serial number, hexadecimal.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.Serial) })},
		{"ca", "boolean", "Whether it may sign other certificates.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LBool(c.CA) })},
		{"not_before", "integer", "When it begins, in seconds since 1970.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LNumber(c.NotBefore.Unix()) })},
		{"not_after", "integer", "When it ends, in seconds since 1970.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LNumber(c.NotAfter.Unix()) })},
		{"days_left", "integer", "Whole days until it ends; negative when it has ended.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LNumber(c.DaysLeft(time.Now())) })},
		{"sha256", "string", "The fingerprint, hexadecimal.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.SHA256) })},
		{"key_sha256", "string", "The fingerprint of its public key (SubjectPublicKeyInfo), hexadecimal.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LString(c.KeySHA256) })},
		{"self_signed", "boolean", "Whether it is a self-signed certificate: its issuer is itself.", certField(func(c *tlsinfo.Cert) lua.LValue { return lua.LBool(c.SelfSign) })},
	},
}
