// Package fakeserver runs small servers for tests. An SMTP server plays a script ([Script]) or
// runs a Go function; a DNS server answers from a list of records ([DNS]). They can send what
// no real server sends.
package fakeserver
