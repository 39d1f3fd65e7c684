// Package jsonmod is the Lua module of JSON: json.encode and json.decode, which bound what
// they read and write and end with the script.
package jsonmod
