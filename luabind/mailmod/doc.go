// Package mailmod is the Lua module for messages: mail.message composes them, mail.parse
// reads them. Sessions send them. Begin with [Module].
package mailmod
