// Package mx finds the hosts that accept mail for a domain: its MX records in the order of
// their preference, or the domain itself if it has none (RFC 5321 section 5.1). A null MX
// record means that a domain accepts no mail (RFC 7505). Begin with [Lookup].
package mx
