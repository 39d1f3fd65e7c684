// Package tutor explains a session to somebody who sees SMTP for the first time
// (--teach, :teach). It reads the events of a session and returns a line or two for each
// that shows something new: a verb, a code, an extension, decoded Base64. It explains each
// fact once. A command that cannot work gets a warning and is still sent; the first
// rejection of each kind is explained.
//
// Credentials are decoded as far as they are not secret: the user name of PLAIN is
// shown, its password is masked.
package tutor
