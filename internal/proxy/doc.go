// Package proxy connects to servers through a SOCKS5 proxy (RFC 1928, RFC 1929) or an HTTP
// proxy with CONNECT (RFC 9110 section 9.3.6). The proxy resolves host names, so that the
// client needs no DNS. Begin with [Parse].
package proxy
