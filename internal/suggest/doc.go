// Package suggest helps users after a mistake: it finds the intended name, and reports
// whether a hint adds anything to the error. Begin with [Name].
package suggest
