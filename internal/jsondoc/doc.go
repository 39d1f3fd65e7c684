// Package jsondoc reads what the tags of a structure say about the JSON that is made of
// it. The reference page of the files that smtpsh writes comes from there.
package jsondoc
