---@meta smtpsh
-- Definitions for editors. Not run by smtpsh. Printed by: smtpsh lua-meta

---A file opened by file.open.
---@class file.File
---@field path string Its path.
---@field size integer The number of its bytes.
local File = {}

---A reply of the server. Replies of 4xx and 5xx are values like any other, not errors.
---@class smtp.Reply
---@field code integer The three-digit code, a number: r.code == 250.
---@field enhanced string? The enhanced status code such as 5.7.1; nil if there is none.
---@field text string The texts of all lines, joined with newlines, without codes.
---@field lines string[] The text of each line.
---@field raw string The bytes as received.
---@field defects string[] Defects of the reply; empty for a correct reply.
---@field ok boolean true for 2yz and 3yz.
---@field temp boolean true for 4xx: the command may work later.
---@field perm boolean true for 5xx: the same command will fail again.
---@field cmd string The command of the reply, secrets masked; empty for the greeting.
---@field recipient string? The recipient of the reply, if an LMTP server replies for each recipient; otherwise nil.
---@field took number Seconds from the last byte sent to the last byte received.
local Reply = {}

---A session with a server. Every verb is one call and returns the reply, with any code.
---@class smtp.Session
---@field greeting smtp.Reply The server's first reply.
---@field caps table<string, string|boolean> What the last EHLO offered: keyword to parameters, true if it has none. Empty after STARTTLS.
---@field tls smtp.TLS? The TLS state; nil without TLS.
---@field peer string The server's address.
---@field state string The state of the session: greeted, ready, mail, rcpt, data ...
---@field user string? The user who has logged in; nil before AUTH.
---@field closed boolean Whether the client has closed the connection.
---@field transcript smtp.Transcript The transcript so far.
local Session = {}

---The encryption of a session.
---@class smtp.TLS
---@field version number 1.2 or 1.3.
---@field cipher string The cipher suite.
---@field key_exchange string The group of the key exchange; empty if not known.
---@field server_name string The name sent as SNI and verified.
---@field alpn string The protocol negotiated with ALPN; empty if there is none.
---@field resumed boolean Whether the handshake resumed an earlier TLS session.
---@field verified boolean Whether the certificate was verified.
---@field verify_error string? Why it was not verified.
---@field cert smtp.Cert? The server's own certificate.
---@field chain smtp.Cert[] All certificates that the server sent, its own first.
local TLS = {}

---A certificate.
---@class smtp.Cert
---@field subject string The subject.
---@field issuer string The issuer.
---@field names string[] The DNS names and IP addresses in the certificate.
---@field key string The kind of key.
---@field signature string The signature algorithm.
---@field serial string The serial number, hexadecimal.
---@field ca boolean Whether it is a CA certificate.
---@field not_before integer Start of its validity, in seconds since 1970.
---@field not_after integer End of its validity, in seconds since 1970.
---@field days_left integer Whole days until it expires; negative if it has expired.
---@field sha256 string The fingerprint, hexadecimal.
---@field key_sha256 string The fingerprint of its public key (SubjectPublicKeyInfo), hexadecimal.
---@field self_signed boolean Whether it is self-signed.
local Cert = {}

---An event of a session. Fields that an event does not have are nil.
---@class smtp.Event
---@field kind string The kind of event, as in on.
---@field data string? The bytes of a line or chunk, secrets masked.
---@field verb string? The verb of a command.
---@field text string? The text of a finding or step.
---@field reply smtp.Reply? The reply.
---@field tls smtp.TLS? The TLS state, when TLS has begun.
---@field from string? The state before.
---@field to string? The state after.
---@field bytes integer? Bytes of the message sent so far.
---@field took number? The duration in seconds.
---@field error string? The reason of the failure.
local Event = {}

---A transcript as C:, S: and * lines, secrets masked.
---@class smtp.Transcript
local Transcript = {}

---One line of a transcript.
---@class smtp.Entry
---@field dir "C"|"S"|"*" C, S, or * for events.
---@field text string The line; control bytes are shown as \xHH.
---@field at number Seconds since the start.
local Entry = {}

---A sender and a recipient that the server accepts.
---@class smtp.Correspondents
---@field from string The sender.
---@field to string The recipient.
---@field user string? The user that can log in; nil if none.
---@field pass string? The password of login.
---@field login boolean Whether sending mail requires the login.
local Correspondents = {}

---Options of a connection. The connection flags of the command line are the defaults.
---@class smtp.ConnectOpts
---@field timeout? number|string Time limit for each wait: seconds or "90s".
---@field deadline? number|string Time limit for the whole session.
---@field max_line? integer The longest line of a reply in bytes (default: 4096).
---@field max_reply? integer The longest reply in bytes (default: 65536).
---@field tls? "none"|"implicit" true for implicit TLS (default for port 465 and smtps://).
---@field verify? boolean false continues although the server's certificate cannot be verified; credentials are not sent.
---@field proxy_protocol? string A PROXY protocol header to begin with: "v1 SOURCE:PORT", "v2 SOURCE:PORT DEST:PORT" or "v2 local".
---@field proxy? string Connect through this proxy: socks5://HOST:PORT or http://HOST:PORT, also with USER:PASSWORD@. smtpsh load ignores it.
---@field server_name? string The name to send in TLS (SNI) and to verify.
---@field ca? string CA certificates to trust instead of the system's, in PEM format: the text itself, or a file in the script's folder. "system" means the CAs of the system.
---@field min_tls? number 1.0 to 1.3 (default: 1.2).
---@field max_tls? number 1.0 to 1.3.
---@field ciphers? string Cipher suites to offer for TLS 1.2 and older: IANA names separated by commas, or "legacy" for all, also weak ones.
---@field pin? string The public key that the server must have, as sha256/BASE64; with verify = false it takes the place of the certificate.
---@field curves? string Key exchanges to offer, such as "X25519,P-256".
---@field alpn? string Application protocols to offer in TLS (ALPN), separated by commas, such as "smtp"; s.tls.alpn shows the choice of the server.
---@field tls_resume? boolean true resumes the TLS session of an earlier connection of this script if the server allows it; s.tls.resumed shows the result.
---@field local_addr? string The local address to connect from.
---@field family? integer 4 or 6: use only IPv4 or IPv6.
---@field helo? string The host name for ehlo and helo.
---@field early? string Bytes to send before the greeting is read. Complete lines count as commands, except a PROXY protocol header at the start.
---@field insecure_auth? boolean true sends credentials over a connection that is not encrypted or not verified.

---Options of open.
---@class smtp.OpenOpts: smtp.ConnectOpts
---@field starttls? "require"|"try"|"never" try (default) starts TLS if it is offered; require raises kind tls if STARTTLS is not offered.
---@field auth? smtp.Auth The login.

---The login.
---@class smtp.Auth
---@field mech? string The mechanism (default: the strongest that is offered).
---@field user? string The user name; with EXTERNAL the identity to act as.
---@field pass? string|smtp.Secret The password.
---@field token? string|smtp.Secret An OAuth 2.0 access token.
---@field authzid? string The identity to act as.
---@field trace? string For ANONYMOUS: the trace information.
---@field initial? boolean Whether to send the initial response on the AUTH line (default: if the mechanism allows it).

---Options of text.
---@class smtp.TextOpts
---@field last? integer Return only this number of last lines.
---@field times? boolean Write the seconds since the start before each line.

---A condition on a reply with several parts, all of which must hold.
---@class smtp.Want
---@field code? integer|string|table A code, a pattern such as 5xx, or a list of them.
---@field enhanced? string An enhanced code or pattern such as 5.7.*.
---@field text? string A Lua pattern that the text must match.
---@field contains? string A plain text that must be part of the text.

---Options of send.
---@class smtp.SendOpts
---@field pipeline? boolean Send MAIL, RCPT and DATA together (RFC 2920) if the server offers PIPELINING. If one of several recipients is rejected, the connection is closed before the message.

---Options of data.
---@class smtp.DataOpts
---@field raw? boolean Send the bytes unchanged: without CRLF, dot-stuffing and a final dot.
---@field long_lines? boolean Send lines of more than 998 bytes too.

---Options of bdat.
---@class smtp.BdatOpts
---@field last? boolean Whether this is the last chunk (default: true).
---@field size? integer Send the content in chunks of this number of bytes.
---@field text? boolean Convert line ends to CRLF first.
---@field long_lines? boolean Send lines of more than 998 bytes too.

---Options of starttls.
---@class smtp.StartTLSOpts
---@field handshake? boolean false skips the handshake after a 220.

---Options of save.
---@class smtp.SaveOpts
---@field times? boolean Write the seconds since the start before each line.

---Options of play.
---@class smtp.PlayOpts
---@field match? "text"|"codes" codes: ignore the texts of replies, as for examples from RFCs.
---@field timeout? number|string Time limit for each reply.

---The results of smtp.parallel.
---@class smtp.Results
---@field ok integer How many tasks ended well.
---@field failed integer How many raised an error.
---@field values table<integer, any> What each task returned, by its number.
---@field errors table<integer, smtp.Error> What each failed task raised, by its number.
---@field by_kind table<string, integer> How many errors there are of each kind.
---@field took smtp.Hist The latencies: the numbers that tasks returned, or for those that returned none the seconds that they ran.
---@field elapsed number Seconds from the first task's begin to the last one's end.
local Results = {}

---Measured values.
---@class smtp.Hist
---@field count integer The number of values.
---@field max number The largest.
---@field min number The smallest.
---@field mean number The mean.
local Hist = {}

---A function that runs concurrently with the script.
---@class smtp.Task
local Task = {}

---Options of parallel.
---@class smtp.ParallelOpts
---@field limit? integer The number of tasks that run at once, up to 10 000 (default: 50).

---A server of the script.
---@class smtp.Server
---@field addr string Where it listens: host:port.
---@field port integer Its port; 0 for a unix socket.
---@field ca string The CA of its certificates in PEM format, for other clients.
local Server = {}

---A client's connection to a server without a profile. The script sends all replies.
---@class smtp.Conn
---@field number integer The connection's number, from 1.
---@field remote string The client's address.
---@field tls smtp.TLS? The TLS state; nil without TLS.
---@field transcript smtp.Transcript The transcript so far.
local Conn = {}

---A command of a client.
---@class smtp.Command
---@field verb string The verb in capitals.
---@field arg string What followed it.
---@field line string The line as it came, without its ending.
---@field session integer The number of the connection, from 1.
---@field service string The service of the profile; empty without one.
---@field at number Seconds since the server's start; 0 without a profile.
local Command = {}

---A message that a server has accepted, with its envelope.
---@class smtp.Received
---@field id integer Its number, from 1.
---@field from string The reverse-path.
---@field params string[] The parameters of MAIL.
---@field rcpts string[] The forward-paths.
---@field data string The message, stuffed dots taken away, line ends as they came; nil if smtpsh sandbox has dropped it to make room.
---@field subject string Its Subject field as it was sent.
---@field helo string The name that the client gave.
---@field user string? Who had logged in.
---@field service string Where it came in.
---@field tls boolean Whether it came encrypted.
---@field chunked boolean Whether it came by BDAT.
---@field time number When, in seconds since 1970.
local Received = {}

---Options of a server.
---@class smtp.ListenOpts
---@field profile? string A profile of the sandbox, such as plain, gmail, or strict+open-relay. Without one the script sends all replies.
---@field tls? "implicit"|"starttls" Without a profile: implicit TLS, or starttls to wait for conn:starttls (default: starttls).
---@field cert? string The certificate: good, expired, expiring, not-yet, wrong-host, unknown-ca or self-signed.
---@field host? string An additional name in the certificate.
---@field timeout? number|string Time limit of accept, expect and the other waits (default: 10 seconds).
---@field idle? number|string With a profile: time limit for the next command of a client.

---When a rule of a server applies.
---@class smtp.Rule
---@field nth? integer Only the nth time, counted from 1.
---@field times? integer At most this number of times.
---@field match? string Only if this plain text is in the argument, in any case; for MESSAGE, in the recipients.
---@field session? integer Only in the connection with this number.
---@field service? string Only for this service of the profile.
---@field per? "server"|"session"|"argument" What nth and times count: argument counts each address separately, for greylisting (default: the whole server).

---The action of a rule. The keys take effect in this order.
---@class smtp.Action
---@field delay? number|string A pause before everything else.
---@field drop? "before"|"half"|"after" Close the connection: before the reply, in the middle of it, or after it.
---@field reset? boolean true closes the connection with a TCP reset.
---@field reply? integer|string|table The reply: 451, "451 4.7.1 later" or {451, "4.7.1 later", "second line"}.
---@field raw? string Exact bytes instead of a reply.
---@field with? string|string[] Lines that EHLO offers in addition.
---@field without? string|string[] Keywords that it does not offer.
---@field drip? number|string The pause between the bytes of the reply.
---@field stall? number|string Time in which nothing is read afterwards (backpressure).
---@field cert? string With TLS: the certificate, as for smtp.listen.
---@field cut_tls? boolean With TLS: close the connection in the handshake.
---@field sequence? any[] The actions of the first time, the second, and so on; the last one is repeated. For faults of the handshake use TLS.

---Options of starttls on the server's side.
---@class smtp.CertOpts
---@field cert? string The certificate: good, expired, expiring, not-yet, wrong-host, unknown-ca or self-signed.

---A composed message with its envelope.
---@class mail.Message
---@field id string The Message-ID with brackets.
---@field from string The reverse-path.
---@field rcpts string[] The recipients: to, cc and bcc.
local Message = {}

---A parsed message: header fields decoded, bodies in UTF-8.
---@class mail.Parsed
---@field subject string The subject.
---@field from string[] The authors' mailboxes, without names.
---@field to string[] The mailboxes of the To field.
---@field cc string[] Those of the Cc field.
---@field id string The Message-ID with brackets; empty without one.
---@field date number? The date in seconds since 1970.
---@field text string? The plain text.
---@field html string? The HTML.
---@field body string The body as it came, nothing decoded.
---@field attachments mail.Attachment[] The attached files: name, type, data.
---@field defects string[] What was wrong with it; empty for a clean message.
local Parsed = {}

---The content of a message.
---@class mail.Spec
---@field from string The author's mailbox, with or without a display name.
---@field to? string|string[] Recipients.
---@field cc? string|string[] Further recipients.
---@field bcc? string|string[] Recipients that are not in the header.
---@field reply_to? string The mailbox for answers (Reply-To).
---@field subject? string The subject; any characters.
---@field text? string The body as plain text.
---@field html? string The body as HTML, an alternative to the text.
---@field attach? mail.Attachment[] Attached files.
---@field headers? table<string, string> Further header fields.
---@field id? string The Message-ID (default: generated).
---@field date? number The date in seconds since 1970 (default: now).

---The envelope of a finished message.
---@class mail.Envelope
---@field from? string The reverse-path; "" is the null reverse-path (default: Sender or From).
---@field to? string|string[] The recipients (default: To, Cc and Bcc).

---One attached file.
---@class mail.Attachment
---@field name string The file name; any characters.
---@field type? string The media type (default: from the name).
---@field data string The content.

---A session with a mailbox over IMAP, to check what was delivered.
---@class imap.Box
local Box = {}

---The message to fetch: the newest one that matches all given keys.
---@class imap.Fetch
---@field id? string Its Message-ID.
---@field subject? string A part of its subject.
---@field from? string A part of its From field.
---@field to? string A part of its To field.
---@field mailbox? string The mailbox (default: INBOX).
---@field max? integer Size limit of the message in bytes (default: 16 MiB).

---A password or token. It prints as ********, and is masked in every transcript.
---@class smtp.Secret
local Secret = {}

---A program started by exec.start.
---@class exec.Proc
---@field stdout string Its standard output so far; at most 1 MiB is kept.
---@field stderr string Its standard error so far.
---@field pid integer Its process ID.
local Proc = {}

---Options of exec.start.
---@class exec.Opts
---@field stdin? string Its standard input (default: empty).
---@field env? table<string, string> Further environment variables.

---A value to check. Each condition returns it again, so that conditions can be chained.
---@class expect.Value
local Value = {}

---Options of it and describe. Options of a describe apply to all tests in it.
---@class smtp.TestOpts
---@field tags? string|string[] Tags to select tests; #word in a name is also a tag.
---@field timeout? number|string Time limit for each test with its hooks: seconds or "90s".
---@field retry? integer How often to repeat a failed test.
---@field skip? boolean|string true, or the reason for skipping it.
---@field level? "must"|"should"|"advice" Level of the rule. A violated should or advice is a warning, unless --fail-on sets a lower level. It is shown with the name.
---@field clause? string Source of the rule, such as "RFC 5321 section 4.1.1.5". It is shown with the name.
---@field only? boolean true runs only such tests, while you work on a test.
---@field on_request? boolean|string true, or the reason: the test runs only if it is selected by one of its own tags (--tags), its exact name or its line. Otherwise reports list it as not run.
---@field exec? boolean true lets the test start programs with exec.start.

---Time limit and pause of eventually.
---@class smtp.EventuallyOpts
---@field timeout? number|string Time limit (default: 10 seconds).
---@field every? number|string Pause between attempts (default: 0.2 seconds).

---A lesson of smtpsh learn.
---@class smtp.Lesson
---@field title string Title in the list of lessons.
---@field about string Text before the first step; blank lines separate paragraphs.
---@field server? string Target to connect to (default: sandbox:plain).
---@field setup? fun(server: smtp.Server) Called with the built-in server before the lesson begins, to add rules and messages.
---@field steps table List of steps, each a smtp.Step.
---@field meaning string Closing text: what the learner achieved and why it matters in practice.

---A step of a lesson.
---@class smtp.Step
---@field goal string Goal of the step, one sentence.
---@field hints string[] Hints; each :hint shows the next one. The last may show the solution.
---@field done? fun(at: smtp.At): any Called with a smtp.At after every line; returns true when the goal is reached.
---@field answer? string|string[] Makes the goal a question: the right argument of :answer, or a list of them. Case does not matter.
---@field exact? boolean True if the answer is case-sensitive.
---@field remark? fun(at: smtp.At): string? Called with a smtp.At after a line that does not reach the goal; a returned string is shown.
---@field well? string Text to show when the goal is reached.
---@field play string Lines that reach the goal, for smtpsh learn --check.
---@field wrong? string Lines that must not reach the goal, for smtpsh learn --check; played before play.

---State of the lesson, as the checks of a step see it.
---@class smtp.At
---@field s? smtp.Session The session, nil without one.
---@field target string Target of the session, such as sandbox:plain.
---@field from? string Accepted reverse-path, nil when no transaction is open.
---@field rcpts? string[] Accepted recipients, nil when no transaction is open.
---@field server? smtp.Server The built-in server.
---@field messages smtp.Received[] Messages that the server has accepted, the oldest first.
---@field arrived smtp.Received[] Messages that the server has accepted since the step began.
---@field line string Last typed line.
---@field said string[] Lines typed since the step began.
---@field reply? smtp.Reply The latest reply since the step began.
---@field replies smtp.Reply[] The replies since the step began.
---@field fresh smtp.Reply[] Replies to the last line.
---@field answer? string Argument of :answer.

---The error that a failed call raises. tostring(e) is one line. Replies of any code are values, not errors; only calls that promise a result raise kind reply.
---@class smtp.Error
---@field kind "dial"|"timeout"|"closed"|"tls"|"protocol"|"reply"|"expect"|"usage"|"canceled" The kind of the error.
---@field op string The step that failed, such as connect or RCPT.
---@field message string The text, without file and line.
---@field hint string What to do; may be empty.
---@field unknown boolean true if the message was sent completely and no valid reply arrived: it is not known whether the server accepted it.
---@field session smtp.Session? The session of the error.
---@field reply smtp.Reply? The reply that caused the error.
local Error = {}

---@class file
file = {}

---Opens a file whose content can be sent: by s:data, by s:bdat, and by send with mail.raw. It is read piece by piece, so that it can be larger than the memory. It is closed at the end of the test or script.
---@param path string The file: in the script's folder, or with --unsafe any.
---@return file.File
function file.open(path) end

---Closes the file before the end of the test or script.
function File:close() end

---@class smtp
smtp = {}

---Connects and reads the greeting. Raises kind dial, timeout, closed, tls or protocol if there is no greeting.
---@param target? string|smtp.Server|nil host, host:port, smtp://, smtps://, lmtp://, unix:PATH, pipe:COMMAND (only with --unsafe, exec = true, or as --server), sandbox:PROFILE, or a server of smtp.listen (default: --server, else the sandbox).
---@param opts? smtp.ConnectOpts Options.
---@return smtp.Session
function smtp.connect(target, opts) end

---Connects, sends EHLO, starts TLS if it is offered or required, sends EHLO again, and logs in if auth is given. If EHLO is rejected with 500, 502, 504 or 550, it sends HELO. It uses only what the last EHLO offered, so a named mechanism must be offered; s:auth sends any. Raises kind reply if a step is rejected, and kind protocol if a positive reply has another code than the standard requires: 220, 250, 220, 235.
---@param target? string|smtp.Server|nil host, host:port, smtp://, smtps://, lmtp://, unix:PATH, pipe:COMMAND (only with --unsafe, exec = true, or as --server), sandbox:PROFILE, or a server of smtp.listen (default: --server, else the sandbox).
---@param opts? smtp.OpenOpts Options, with auth to log in.
---@return smtp.Session
function smtp.open(target, opts) end

---Opens a session, sends one message and sends QUIT. Returns the reply to the message. Raises kind reply if a step is rejected, and kind protocol with e.unknown if a second reply follows the reply to the message.
---@param target? string|smtp.Server|nil host, host:port, smtp://, smtps://, lmtp://, unix:PATH, pipe:COMMAND (only with --unsafe, exec = true, or as --server), sandbox:PROFILE, or a server of smtp.listen (default: --server, else the sandbox).
---@param opts? smtp.OpenOpts|nil Options as for open.
---@param msg mail.Message The message.
---@return smtp.Reply
function smtp.send(target, opts, msg) end

---Returns the default target: --server, SMTPSH_SERVER, or the sandbox.
---@return string
function smtp.target() end

---Returns the target of --server or SMTPSH_SERVER, or else the given default.
---@param default string The default target.
---@return string
function smtp.server(default) end

---Waits. Ends early if the script is stopped.
---@param seconds number|string How long.
function smtp.sleep(seconds) end

---Converts hexadecimal digits to bytes.
---@param digits string Hexadecimal digits; spaces are skipped.
---@return string
function smtp.hex(digits) end

---Returns an explanation of a reply code such as 550 or an enhanced code such as 5.7.1; nil if it is unknown.
---@param code integer|string A reply code or an enhanced code.
---@return string?
function smtp.status(code) end

---Returns a sender and a recipient of the sandbox, or of a sandbox that the same user runs on this machine. Returns nil for other servers.
---@param target? string The target (default: smtp.target()).
---@return smtp.Correspondents?
function smtp.correspondents(target) end

---Runs a function many times at once. Waits for the network overlap, while Lua itself runs one task at a time, so that tasks can share variables. An error ends only its task. But a reply that answers no command and is found at the end of a task also fails the script or test.
---@param n integer The number of tasks.
---@param fn fun(i: integer): any The function of each task; it gets the number of the task.
---@param opts? smtp.ParallelOpts Options.
---@return smtp.Results
function smtp.parallel(n, fn, opts) end

---Starts a function as a concurrent task, for example to run client and server in one script. An error fails the script or test unless the script waits for the task.
---@param fn fun(): any The task.
---@return smtp.Task
function smtp.spawn(fn) end

---Starts a server. With a profile it is a sandbox, whose replies rules can change (server:on). Without one the script sends all replies (server:accept, server:serve). Sessions of the same script trust its certificates. It is closed at the end of the test or script.
---@param addr? string host:port, a port or unix:PATH (default: 127.0.0.1 and a free port). Addresses that other machines can connect to require --allow-listen, sockets outside the script's folder --allow-unix.
---@param opts? smtp.ListenOpts Options.
---@return smtp.Server
function smtp.listen(addr, opts) end

---Returns the sandbox of a sandbox: target, to check what it has received; nil if the target is another server.
---@param target? string The target (default: smtp.target()).
---@return smtp.Server?
function smtp.sandbox(target) end

---Sends EHLO and stores the extensions that the server offers.
---@param name? string The host name (default: the local address in brackets).
---@return smtp.Reply
function Session:ehlo(name) end

---Sends HELO, without extensions.
---@param name? string The host name (default: the local address in brackets).
---@return smtp.Reply
function Session:helo(name) end

---Sends LHLO, the EHLO of LMTP.
---@param name? string The host name (default: the local address in brackets).
---@return smtp.Reply
function Session:lhlo(name) end

---Sends STARTTLS and, after a 220, starts TLS. Raises kind tls if the handshake or the verification fails. Send EHLO again afterwards.
---@param opts? smtp.StartTLSOpts Options.
---@return smtp.Reply
function Session:starttls(opts) end

---Starts TLS after a 220 that was received without the method starttls. Raises kind tls if the handshake or the verification fails.
function Session:handshake() end

---Logs in. Returns the final reply, also a rejection; a positive reply other than 235 raises kind protocol. A failure challenge is answered, so that the session can continue. Credentials are sent only over verified TLS or to this machine.
---@param auth smtp.Auth User, password or token, and mechanism.
---@return smtp.Reply
function Session:auth(auth) end

---Sends AUTH with this mechanism and initial response unchanged. Answer a 334 with cmd.
---@param mech string The mechanism's name.
---@param initial? string|smtp.Secret The initial response, sent unchanged.
---@return smtp.Reply
function Session:auth_raw(mech, initial) end

---Begins a transaction with MAIL FROM.
---@param from string The reverse-path without brackets; "" is the null sender.
---@param params? table<string, string|integer|boolean> ESMTP parameters, advertised or not: {SIZE = 100, SMTPUTF8 = true}.
---@return smtp.Reply
function Session:mail(from, params) end

---Adds a recipient with RCPT TO.
---@param to string The forward-path without brackets.
---@param params? table<string, string|integer|boolean> ESMTP parameters: {NOTIFY = "NEVER"}.
---@return smtp.Reply
function Session:rcpt(to, params) end

---Sends a message with DATA and the final dot. Returns the reply to DATA if it is a rejection, else the final reply. With LMTP it returns the worst reply, and a list of all as second value; with PRDR the reply for the whole message, and a list of those for each recipient.
---@param content string|mail.Message|file.File|fun(): string The message. Line ends become CRLF and dots are stuffed. A line of more than 998 bytes raises kind usage (RFC 5321 section 4.5.3.1.6). A function is called for each piece until it returns nil. A function or a file can be larger than the memory.
---@param opts? smtp.DataOpts Options.
---@return smtp.Reply, smtp.Reply[]?
function Session:data(content, opts) end

---Sends one chunk with BDAT, by default the last one. With a size it sends a whole message in chunks.
---@param chunk string|mail.Message|file.File|fun(): string The bytes, sent unchanged. Lines can have at most 998 bytes, unless MAIL had BODY=BINARYMIME. A function is called for each piece until it returns nil. It, and a file, are sent in chunks of the size.
---@param opts? smtp.BdatOpts|boolean Options, or whether this is the last chunk.
---@return smtp.Reply, smtp.Reply[]?
function Session:bdat(chunk, opts) end

---Sends RSET, which ends the transaction.
---@return smtp.Reply
function Session:rset() end

---Sends NOOP, which does nothing.
---@param text? string The argument of the verb.
---@return smtp.Reply
function Session:noop(text) end

---Sends VRFY, which asks whether a mailbox exists.
---@param name? string The argument of the verb.
---@return smtp.Reply
function Session:vrfy(name) end

---Sends EXPN, which asks for the members of a list.
---@param list? string The argument of the verb.
---@return smtp.Reply
function Session:expn(list) end

---Sends HELP.
---@param topic? string The argument of the verb.
---@return smtp.Reply
function Session:help(topic) end

---Sends XCLIENT, which tells a Postfix server to treat the session as from another client. After the 220 the session begins again: call ehlo next.
---@param attributes table<string, string|integer|boolean> The attributes, such as {ADDR = "192.0.2.1"}. Their values are sent as xtext.
---@return smtp.Reply
function Session:xclient(attributes) end

---Sends XFORWARD, which tells a Postfix server what to log about the original client.
---@param attributes table<string, string|integer|boolean> The attributes, such as {ADDR = "192.0.2.1"}. Their values are sent as xtext.
---@return smtp.Reply
function Session:xforward(attributes) end

---Sends QUIT and closes the connection after the 221. Raises kind protocol if the server rejects QUIT with another code than 421, or sends a reply that answers no command before or after the 221.
---@return smtp.Reply
function Session:quit() end

---Sends any line and reads one reply: unknown verbs, wrong syntax, responses to AUTH challenges. It also sends a line that is longer than servers must accept, with a note in the transcript; the methods for single verbs raise an error for it.
---@param line string|smtp.Secret The line without its ending.
---@return smtp.Reply
function Session:cmd(line) end

---Sends exactly these bytes: half lines, several lines at once, bare LF. Complete lines count as commands; read_reply reads their replies.
---@param bytes string|smtp.Secret The bytes; Lua's escapes are \r\n, \0 and \255.
function Session:write(bytes) end

---Reads the next reply. Raises kind timeout if none arrives, kind closed if the server closes the connection.
---@param timeout? number|string Time limit of the wait.
---@return smtp.Reply
function Session:read_reply(timeout) end

---Waits until the server closes the connection, and returns whether it did.
---@param timeout? number|string Time limit of the wait.
---@return boolean
function Session:eof(timeout) end

---Closes the client's side of the connection, or resets the connection.
---@param how? "write"|"reset" write closes only the client's side; reset ends the connection with a TCP RST.
function Session:shutdown(how) end

---Sends several commands at once and returns their replies in order, whether or not the server offers PIPELINING.
---@param cmds string[] The lines, without endings.
---@return smtp.Reply[]
function Session:pipeline(cmds) end

---Returns the parameters of an offered extension, true if it has none, or false if it is not offered. With a word: whether the word is one of the parameters.
---@param keyword string An EHLO keyword, in any case.
---@param word? string One of its parameters.
---@return string|boolean
function Session:has(keyword, word) end

---Opens a new connection to the same target with the same options, and sends the same EHLO, HELO or LHLO if the first session has sent one. The first session stays open.
---@return smtp.Session
function Session:again() end

---Calls a function for events of the session: each line sent or received, each reply, finding and state. The functions run after the call that caused the events.
---@param event "auth"|"chunk"|"closed"|"command"|"finding"|"progress"|"received"|"reply"|"sent"|"state"|"tls" The kind of event.
---@param fn fun(e: smtp.Event) Called with each event.
function Session:on(event, fn) end

---Runs a dialogue in the notation of transcripts and fails at the first difference. S: 250 expects a code, S: 250 2.1.0 also an enhanced code, S: 250 some text also the text. {name} captures a word, {} matches anything, ... matches the rest. Returns the captured values.
---@param dialogue string C: lines are sent, S: lines are expected.
---@param opts? smtp.PlayOpts Options.
---@return table<string, string>
function Session:play(dialogue, opts) end

---Closes the connection at once, without QUIT. Raises kind protocol if the server sent more replies than commands. Open sessions send QUIT at the end of the script or test.
function Session:close() end

---Sends a complete message: MAIL, RCPT for each recipient, DATA. Returns the final reply. Raises kind reply at the first rejected step.
---@param msg mail.Message The message with its envelope.
---@param opts? smtp.SendOpts Options.
---@return smtp.Reply
function Session:send(msg, opts) end

---Returns the transcript as text.
---@param opts? smtp.TextOpts Options.
---@return string
function Transcript:text(opts) end

---Returns an iterator over the lines.
---@return fun(): smtp.Entry
function Transcript:entries() end

---Writes the transcript to a file in the script's folder. The file can be run as a dialogue.
---@param path string A file in the script's folder.
---@param opts? smtp.SaveOpts Options.
function Transcript:save(path, opts) end

---Returns whether the reply matches a code, a pattern such as 2xx or 5.7.*, a list of codes, or a table.
---@param want integer|string|table The expected reply.
---@return boolean
function Reply:is(want) end

---Raises an error if the reply does not match. Otherwise returns the reply, so that calls can be chained.
---@param want integer|string|table The expected reply, as for is.
---@param why? string What an unexpected reply means, for the failure.
---@return smtp.Reply
function Reply:expect(want, why) end

---Raises an error of kind reply when the server has refused (4xx or 5xx), as open and send do; otherwise returns the reply. Unlike expect it is not an expectation: the program then ends with the exit status of the rejection.
---@return smtp.Reply
function Reply:accept() end

---Returns a percentile: p(95) is the value that 95 % of the values do not exceed.
---@param percent number 0 to 100.
---@return number
function Hist:p(percent) end

---Waits for the end of the task and returns its results, or raises its error.
---@param timeout? number|string Time limit (default: that of the script).
---@return any
function Task:wait(timeout) end

---Waits for a client and returns its connection. Raises kind timeout if none connects.
---@param timeout? number|string Time limit of the wait.
---@return smtp.Conn
function Server:accept(timeout) end

---Calls a function for each client, concurrently with the script. An error in it fails the test or script.
---@param fn fun(conn: smtp.Conn) Serves one client; the connection is closed when it returns.
function Server:serve(fn) end

---Adds a rule to a server with a profile: what it does instead of its usual reply, or in addition. The first rule that applies is used.
---@param verb string A verb, or CONNECT (the greeting), TLS (the handshake), MESSAGE (after the final dot), RESPONSE (a line of AUTH), * (every command).
---@param opts any When the rule applies, or the action if it always applies.
---@param action? any The action: a code, a reply such as "451 4.7.1 later", a list {451, "4.7.1 later"}, a table of smtp.Action, or a function that gets the smtp.Command and returns one of these, or nil for the usual reply.
function Server:on(verb, opts, action) end

---Removes all rules.
function Server:off() end

---Returns the messages that the server has accepted, the oldest first. With a number it waits for at least as many, and raises kind timeout if they do not arrive.
---@param n? integer Wait for at least this number.
---@param timeout? number|string Time limit of the wait.
---@return smtp.Received[]
function Server:messages(n, timeout) end

---Returns the commands of clients to a server with a profile, the oldest first, with their times: what the client under test did, and when.
---@param verb? string Only those with this verb.
---@return smtp.Command[]
function Server:commands(verb) end

---Returns the target for sessions and other programs.
---@param service? string A service of the profile: submission, submissions, mx, lmtp (default: the first).
---@return string
function Server:target(service) end

---Stops the server and closes its connections.
function Server:close() end

---Reads a command. The expectation fails if the verb differs or no command arrives.
---@param verb string The verb, or the beginning of the line if it has a space.
---@param timeout? number|string Time limit of the wait.
---@return smtp.Command
function Conn:expect(verb, timeout) end

---Reads a line; nil if the client has closed the connection.
---@param timeout? number|string Time limit of the wait.
---@return smtp.Command?
function Conn:read_line(timeout) end

---Sends a reply.
---@param code integer The code.
---@param ... string The text of each line; several texts make a multiline reply.
function Conn:reply(code, ...) end

---Reads a message up to CRLF dot CRLF and returns it unchanged, with stuffed dots.
---@param timeout? number|string Time limit of the wait.
---@return string
function Conn:read_data(timeout) end

---Reads exactly this number of bytes, such as a BDAT chunk.
---@param n integer The number of bytes.
---@param timeout? number|string Time limit of the wait.
---@return string
function Conn:read(n, timeout) end

---Sends exactly these bytes: incomplete replies, several at once, anything.
---@param bytes string The bytes.
function Conn:write(bytes) end

---Does the TLS handshake as the server; send the 220 before. Raises kind tls if it fails, for example because the client does not accept the certificate.
---@param opts? smtp.CertOpts Options.
function Conn:starttls(opts) end

---Waits until the client closes the connection, and returns whether it did; false if it sends something instead.
---@param timeout? number|string Time limit of the wait.
---@return boolean
function Conn:eof(timeout) end

---Ends the connection.
---@param how? "reset" reset drops the connection with a TCP RST.
function Conn:close(how) end

---@class mail
mail = {}

---Composes a message: header fields folded and encoded (RFC 5322, RFC 2047), text and HTML, attachments (RFC 2231 names), Message-ID and Date. Quoted local parts keep their quotes.
---@param spec mail.Spec The content of the message.
---@return mail.Message
function mail.message(spec) end

---Makes a message of a finished text, for send. The text is not changed, except that line ends become CRLF. If the recipients come from the header, Bcc is removed. send encodes it differently if the server does not offer 8BITMIME or SMTPUTF8.
---@param text string|file.File The finished message, as a text or a file: a header, an empty line and a body, with CRLF or LF line ends.
---@param envelope? mail.Envelope The envelope (default: from the header).
---@return mail.Message
function mail.raw(text, envelope) end

---Parses a message from a server or a mailbox: header fields, text, HTML and attachments, all decoded. defects lists errors in the message.
---@param raw string The message, with CRLF or LF line ends.
---@return mail.Parsed
function mail.parse(raw) end

---Returns the message as it is sent, with CRLF line ends.
---@return string
function Message:bytes() end

---Returns the first field with this name, decoded and unfolded; nil if there is none.
---@param name string The field's name, in any case.
---@return string?
function Parsed:header(name) end

---Returns all fields with this name from top to bottom, such as Received.
---@param name string The field's name, in any case.
---@return string[]
function Parsed:headers(name) end

---@class imap
imap = {}

---Logs in to a mailbox with IMAP, so that a test can check what was delivered. The password is sent only over verified TLS.
---@param target string imaps://HOST[:PORT], or imap://HOST[:PORT] for STARTTLS.
---@param auth smtp.Auth user with pass or token.
---@param opts? smtp.ConnectOpts timeout, verify, ca, server_name and min_tls (default timeout: 30 seconds).
---@return imap.Box
function imap.open(target, auth, opts) end

---Returns the newest matching message, with CRLF line ends, or nil. Use eventually to wait for it.
---@param which imap.Fetch The message to fetch.
---@return string?
function Box:fetch(which) end

---Logs out.
function Box:close() end

---@class vars
vars = {}

---Returns a variable of --var name=value or SMTPSH_VAR_name. Without a default a missing variable ends the script.
---@param name string The variable's name.
---@param default? any The result if the variable was not given.
---@return string
function vars.get(name, default) end

---Returns a secret of --secret name=@prompt, @env:X, @file:PATH, @cmd:COMMAND or @netrc:HOST, as an object that is never shown.
---@param name string The secret's name.
---@param default? string The value if the secret was not given; only for tests.
---@return smtp.Secret
function vars.secret(name, default) end

---Returns the text, in a run with --unsafe. print and errors still mask it.
---@return string
function Secret:reveal() end

---@class exec
exec = {}

---Starts a program, such as the mail client under test. It requires --unsafe, or a test with the option exec = true. The program is killed at the end of the test or script.
---@param cmd string|string[] A shell command, or a list of program and arguments.
---@param opts? exec.Opts Options.
---@return exec.Proc
function exec.start(cmd, opts) end

---Waits for its end and returns the exit status, -1 if a signal ended it. Raises kind timeout if it does not end in time.
---@param timeout? number|string Time limit (default: 30 seconds).
---@return integer
function Proc:wait(timeout) end

---Kills it and its child processes.
function Proc:kill() end

---@class text
text = {}

---Tells whether a plain text is part of it.
---@param s string The text.
---@param part string The text to search for.
---@return boolean
function text.contains(s, part) end

---Cuts a text into its lines, without CRLF or LF. A line end at the very end begins no further line.
---@param s string The text.
---@return string[]
function text.lines(s) end

---Cuts a text at a separator; without one at white space.
---@param s string The text.
---@param sep? string The separator, a plain text.
---@return string[]
function text.split(s, sep) end

---Takes white space off both ends.
---@param s string The text.
---@return string
function text.trim(s) end

---Makes CRLF of every line end: LF, CR and CRLF.
---@param s string The text.
---@return string
function text.crlf(s) end

---Makes LF of every line end.
---@param s string The text.
---@return string
function text.lf(s) end

---Looks for a regular expression: gives the groups, with the whole match at index 0, or nil.
---@param s string The text.
---@param re string A regular expression in RE2's syntax: (?i) for any case, (?m) for ^ and $ at lines.
---@return string[]?
function text.match(s, re) end

---Gives every match of a regular expression: its first group, or the whole where it has none.
---@param s string The text.
---@param re string A regular expression in RE2's syntax: (?i) for any case, (?m) for ^ and $ at lines.
---@return string[]
function text.match_all(s, re) end

---Replaces every match of a regular expression; $1 is the first group.
---@param s string The text.
---@param re string A regular expression in RE2's syntax: (?i) for any case, (?m) for ^ and $ at lines.
---@param by string The replacement.
---@return string
function text.replace(s, re, by) end

---Encodes in Base64.
---@param s string The text.
---@return string
function text.base64(s) end

---Decodes Base64; line ends are skipped.
---@param s string The text.
---@return string
function text.unbase64(s) end

---@class json
json = {}

---Returns a value as JSON. A table with elements 1 to n becomes an array, any other an object with sorted keys.
---@param v any Strings, numbers, booleans, and tables of them.
---@return string
function json.encode(v) end

---Parses JSON. null becomes nil.
---@param s string The JSON text.
---@return any
function json.decode(s) end

---In a test file: groups tests, which can share hooks and options.
---@param name string The subject of the tests.
---@param opts smtp.TestOpts|fun() Options, or the function itself.
---@param fn? fun() Function that defines the tests.
function describe(name, opts, fn) end

---In a test file: defines a test. It fails if the function raises an error or an expectation fails, even if pcall catches that. Sessions, servers and programs that it opens are closed at its end.
---@param name string The rule that the test checks.
---@param opts smtp.TestOpts|fun() Options, or the function itself.
---@param fn? fun() The test.
function it(name, opts, fn) end

---In a test file: declares a test that is not written yet. It is reported and does not fail.
---@param name string The rule to test later.
function pending(name) end

---In a describe or test file: calls the function once before the first test.
---@param fn fun() The function.
function before_all(fn) end

---In a describe or test file: calls the function once after the last test, also after failures.
---@param fn fun() The function.
function after_all(fn) end

---In a describe or test file: calls the function before each test.
---@param fn fun() The function.
function before_each(fn) end

---In a describe or test file: calls the function after each test, also after a failure or timeout.
---@param fn fun() The function.
function after_each(fn) end

---Begins an expectation: expect(value, what):equals(...). If it fails, the test ends as failed; in a script, smtpsh exits with status 1.
---@param v? any The value.
---@param what? string A name for the value in failures.
---@return expect.Value
function expect(v, what) end

---Like expect, but the test continues after a failure.
---@param v? any The value.
---@param what? string A name for the value in failures.
---@return expect.Value
function check(v, what) end

---Calls the function repeatedly until it returns a value, and returns the value. A failed expectation or a session error means: try again.
---@param opts smtp.EventuallyOpts|fun() Options, or the function itself.
---@param fn? fun() Called until it returns a value other than false or nil.
---@return any
function eventually(opts, fn) end

---Calls the function at the end of the test, task or script, also after a failure. The last one is called first.
---@param fn fun() The function.
function defer(fn) end

---Ends the test as skipped, for servers that lack what it needs.
---@param reason string Why.
function skip(reason) end

---Ends the test with the result "could not be tried", which is neither success nor failure and is counted separately. In a script it raises an error; if nothing catches it, smtpsh exits with the status of because, or with 1.
---@param why string The reason.
---@param because? smtp.Error|smtp.Reply|nil The error or the reply. If it may be temporary (a refused connection or 4xx), the test is repeated when no other test runs.
function untried(why, because) end

---Defines a lesson for smtpsh learn. A lesson file must call it once. In other scripts it only checks its argument.
---@param lesson smtp.Lesson The lesson.
function lesson(lesson) end

---Prints its arguments, separated by tabs. The output of a test is shown if the test fails.
---@param ... any The values to print.
function print(...) end

---Fails the test. In a script it raises an error; if nothing catches it, smtpsh exits with status 1.
---@param message string The failure text.
function fail(message) end

---Checks that the value is equal. Tables are compared by content. 250 and "250" are different.
---@param wanted any The expected value.
---@return expect.Value
function Value:equals(wanted) end

---Checks that the value is different.
---@param wanted any The value that it must not have.
---@return expect.Value
function Value:differs(wanted) end

---Checks that a number is at least the limit.
---@param wanted number The limit.
---@return expect.Value
function Value:at_least(wanted) end

---Checks that a number is at most the limit.
---@param wanted number The limit.
---@return expect.Value
function Value:at_most(wanted) end

---Checks that a number is less than the limit.
---@param wanted number The limit.
---@return expect.Value
function Value:less_than(wanted) end

---Checks that a number is more than the limit.
---@param wanted number The limit.
---@return expect.Value
function Value:more_than(wanted) end

---Checks that a string matches a Lua pattern anywhere.
---@param wanted string The pattern.
---@return expect.Value
function Value:matches(wanted) end

---Checks that a string contains a text, or a list an element.
---@param wanted any The text or element.
---@return expect.Value
function Value:contains(wanted) end

---Checks a reply, as reply:is does.
---@param wanted integer|string|table The expected reply.
---@return expect.Value
function Value:is(wanted) end

---Calls the function and checks that it raises an error, optionally of a kind. Returns the error.
---@param kind? string The kind of error: timeout, closed, tls ...
---@return smtp.Error
function Value:raises(kind) end

---Returns a table with its arguments and their number as n.
---@param ... any The values.
---@return table
function table.pack(...) end

---Returns the elements of a table one by one.
---@param t table The table.
---@param from? integer The first index (default: 1).
---@param to? integer The last index (default: n or the length).
---@return any
function table.unpack(t, from, to) end

---@class bit
bit = {}

---Returns the bitwise and of two numbers.
---@param a number A 32-bit number.
---@param b number A 32-bit number.
---@return integer
function bit.band(a, b) end

---Returns the bitwise or of two numbers.
---@param a number A 32-bit number.
---@param b number A 32-bit number.
---@return integer
function bit.bor(a, b) end

---Returns the bitwise exclusive or of two numbers.
---@param a number A 32-bit number.
---@param b number A 32-bit number.
---@return integer
function bit.bxor(a, b) end

---Returns the complement in 32 bits.
---@param a number A 32-bit number.
---@return integer
function bit.bnot(a) end

---Shifts to the left.
---@param a number A 32-bit number.
---@param n number A 32-bit number.
---@return integer
function bit.lshift(a, n) end

---Shifts to the right.
---@param a number A 32-bit number.
---@param n number A 32-bit number.
---@return integer
function bit.rshift(a, n) end
