// Package tutor explains an SMTP session to a learner. Begin with [Tutor.Note]: it reads
// the events of a session and returns one or two lines for each that shows something new,
// such as a verb, a reply code, an extension or a Base64 text. Each fact is explained
// once. [Tutor.Advise] warns before a command that cannot work; the caller still sends it.
//
// Of credentials only the public parts are decoded: the user name of PLAIN is shown, its
// password is masked.
package tutor
