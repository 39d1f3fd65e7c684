package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// chunkSink accepts messages by BDAT (RFC 3030) and discards them, because smtp-sink
// supports only DATA.
func chunkSink() (net.Listener, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go takeChunks(c)
		}
	}()
	return ln, nil
}

// takeChunks sends positive replies to a client until it closes the connection.
func takeChunks(c net.Conn) {
	defer c.Close()
	r := bufio.NewReaderSize(c, 256<<10)
	for reply := "220 sink.test"; ; {
		if _, err := fmt.Fprintf(c, "%s\r\n", reply); err != nil || strings.HasPrefix(reply, "221") {
			return
		}
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		reply = "250 ok"
		switch f := strings.Fields(line); {
		case len(f) == 0:
		case f[0] == "EHLO":
			reply = "250-sink.test\r\n250 CHUNKING"
		case f[0] == "QUIT":
			reply = "221 bye"
		case f[0] == "BDAT" && len(f) > 1:
			n, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				return
			}
			if _, err := io.CopyN(io.Discard, r, n); err != nil {
				return
			}
		}
	}
}
