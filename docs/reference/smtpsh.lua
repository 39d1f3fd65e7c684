---@meta smtpsh
-- Definitions for editors. Not run by smtpsh. Printed by: smtpsh lua-meta

---What the server answered. Replies of 4yz and 5yz are values like any other, never errors.
---@class smtp.Reply
---@field code integer The three-digit code, a number: r.code == 250.
---@field enhanced string? The enhanced status code such as 5.7.1; nil when there is none.
---@field text string The words of all lines joined with newlines, without codes.
---@field lines string[] The text of each line.
---@field raw string The bytes as received.
---@field defects string[] What was wrong with the bytes; empty for a clean reply.
---@field ok boolean Whether it is a 2yz or 3yz.
---@field temp boolean Whether it is a 4yz: the same may work later.
---@field perm boolean Whether it is a 5yz: the same will not work again.
---@field cmd string The command that it answers, secrets masked; empty for the greeting.
---@field took number Seconds from the last byte sent to the last byte received.
local Reply = {}

---A live conversation with a server. Every verb is one call and returns the reply, whatever its code.
---@class smtp.Session
---@field greeting smtp.Reply The server's first reply.
---@field caps table<string, string|boolean> What the last EHLO offered: keyword to parameters, true when it has none. Empty after STARTTLS.
---@field tls smtp.TLS? The encryption, nil when there is none.
---@field peer string The server's address.
---@field state string Where the conversation stands: greeted, ready, mail, rcpt, data ...
---@field user string? Who has logged in, nil before AUTH.
---@field closed boolean Whether the connection is closed on our side.
---@field transcript smtp.Transcript The conversation so far.
local Session = {}

---The encryption of a session in plain words.
---@class smtp.TLS
---@field version number 1.2 or 1.3.
---@field cipher string The cipher suite.
---@field key_exchange string The group of the key exchange; empty when not known.
---@field server_name string The name asked for and checked.
---@field verified boolean Whether the certificate was verified.
---@field verify_error string? Why it was not.
---@field cert smtp.Cert? The server's own certificate.
---@field chain smtp.Cert[] All certificates that the server sent, its own first.
local TLS = {}

---A certificate.
---@class smtp.Cert
---@field subject string Whom it is for.
---@field issuer string Who signed it.
---@field names string[] The DNS names and addresses that it covers.
---@field key string The kind of key.
---@field not_after integer When it ends, in seconds since 1970.
---@field days_left integer Whole days until it ends; negative when it has ended.
---@field sha256 string The fingerprint, hexadecimal.
---@field self_signed boolean Whether it signed itself.
local Cert = {}

---What a failed call raises. tostring(e) is one line. Replies of any code are values, not errors; only calls that promise a result raise kind reply.
---@class smtp.Error
---@field kind "dial"|"timeout"|"closed"|"tls"|"protocol"|"reply"|"usage"|"canceled" What kind of failure it is.
---@field op string The step that failed, such as connect or RCPT.
---@field message string The text, without the place in the script.
---@field hint string What to try next; empty when there is nothing to say.
---@field reply smtp.Reply? The reply that belongs to the failure.
local Error = {}

---A conversation as C:, S: and * lines, secrets masked.
---@class smtp.Transcript
local Transcript = {}

---A password or token. It prints as ********, and is masked in every transcript.
---@class smtp.Secret
local Secret = {}

---A composed message with its envelope.
---@class mail.Message
---@field id string The Message-ID with brackets.
---@field from string The reverse-path.
---@field rcpts string[] The recipients: to, cc and bcc.
local Message = {}

---How to connect. The command line's connection flags are the defaults.
---@class smtp.ConnectOpts
---@field timeout? number|string For every single wait: seconds or "90s".
---@field deadline? number|string For the whole session.
---@field tls? "none"|"implicit" Whether TLS begins at once; by default port 465 and smtps:// do.
---@field verify? boolean false goes on with a server that cannot be verified, and says so; credentials then stay here.
---@field server_name? string The name to ask for and to check.
---@field ca? string A file with the authorities to trust, in PEM form.
---@field min_tls? number 1.0 to 1.3; 1.2 by default.
---@field max_tls? number 1.0 to 1.3.
---@field local_addr? string The source address.
---@field family? integer 4 or 6: only that kind of address.
---@field helo? string The name that ehlo and helo say.
---@field insecure_auth? boolean true lets credentials out over a connection that is not encrypted or not verified.

---How to open a session.
---@class smtp.OpenOpts: smtp.ConnectOpts
---@field starttls? "require"|"try"|"never" try, the default, starts TLS when it is offered; require insists.
---@field auth? smtp.Auth Who logs in.

---How to log in.
---@class smtp.Auth
---@field mech? string The mechanism; by default the strongest that is offered.
---@field user? string The user name.
---@field pass? string|smtp.Secret The password.
---@field token? string|smtp.Secret An OAuth 2.0 access token.
---@field authzid? string The identity to act as.
---@field trace? string For ANONYMOUS: who is calling.
---@field initial? boolean Whether the first message goes on the AUTH line; by default it does where the mechanism allows it.

---What a message is to be.
---@class mail.Spec
---@field from string The author's mailbox, with or without a name.
---@field to? string|string[] Recipients.
---@field cc? string|string[] Further recipients.
---@field bcc? string|string[] Recipients that the message does not name.
---@field reply_to? string Where answers go.
---@field subject? string The subject; any characters.
---@field text? string The body as plain text.
---@field html? string The body as HTML, beside the text.
---@field attach? mail.Attachment[] Attached files.
---@field headers? table<string, string> Further header fields.
---@field id? string The Message-ID; made when left out.
---@field date? number Seconds since 1970; now when left out.

---One attached file.
---@class mail.Attachment
---@field name string The file name.
---@field type? string The media type; found by the name when left out.
---@field data string The content.

---How a transcript is written.
---@class smtp.TextOpts
---@field last? integer Only the last so many lines.
---@field times? boolean Seconds since the beginning before each line.

---A condition on a reply with several parts, all of which must hold.
---@class smtp.Want
---@field code? integer|string|table A code, a pattern such as 5xx, or a list of them.
---@field enhanced? string An enhanced code or pattern such as 5.7.*.
---@field text? string A Lua pattern that the text must match.
---@field contains? string A plain text that must be part of the text.

---How DATA is sent.
---@class smtp.DataOpts
---@field raw? boolean Send the bytes as they are: no CRLF, no dot-stuffing, no final dot of ours.

---How BDAT is sent.
---@class smtp.BdatOpts
---@field last? boolean Whether this is the last chunk; true by default.
---@field size? integer Cut the content into chunks of so many octets.
---@field text? boolean Turn line ends into CRLF first.

---How STARTTLS is said.
---@class smtp.StartTLSOpts
---@field handshake? boolean false leaves out the handshake after a 220.

---@class smtp
smtp = {}

---Connects and reads the greeting, nothing more. Raises kind dial, timeout, closed, tls or protocol when there is no greeting.
---@param target? string|nil host, host:port, smtp://, smtps://, lmtp://, unix:PATH or sandbox:PROFILE; without one, --server, or else the sandbox.
---@param opts? smtp.ConnectOpts Options.
---@return smtp.Session
function smtp.connect(target, opts) end

---Connects, says EHLO, starts TLS when it is offered or required, says EHLO again, and logs in when auth is given. Raises kind reply when a step is refused.
---@param target? string|nil host, host:port, smtp://, smtps://, lmtp://, unix:PATH or sandbox:PROFILE; without one, --server, or else the sandbox.
---@param opts? smtp.OpenOpts Options, with auth to log in.
---@return smtp.Session
function smtp.open(target, opts) end

---Opens a session, sends one message and quits. Returns the reply to the message and raises kind reply when a step is refused.
---@param target? string|nil host, host:port, smtp://, smtps://, lmtp://, unix:PATH or sandbox:PROFILE; without one, --server, or else the sandbox.
---@param opts? smtp.OpenOpts|nil Options as for open.
---@param msg mail.Message The message.
---@return smtp.Reply
function smtp.send(target, opts, msg) end

---Gives the target of sessions that name none: --server, SMTPSH_SERVER, or the sandbox.
---@return string
function smtp.target() end

---Waits. Ends early when the script is stopped.
---@param seconds number|string How long.
function smtp.sleep(seconds) end

---Makes bytes of hexadecimal digits, for those that Lua's own escapes write badly.
---@param digits string Hexadecimal digits; spaces are skipped.
---@return string
function smtp.hex(digits) end

---Explains a reply code such as 550 or an enhanced code such as 5.7.1 in plain words; nil when it is not known.
---@param code integer|string A reply code or an enhanced code.
---@return string?
function smtp.status(code) end

---Says EHLO and remembers what the server offers.
---@param name? string The name given; by default the address of this end in brackets.
---@return smtp.Reply
function Session:ehlo(name) end

---Says HELO, the greeting without extensions.
---@param name? string The name given; by default the address of this end in brackets.
---@return smtp.Reply
function Session:helo(name) end

---Says LHLO, the greeting of LMTP.
---@param name? string The name given; by default the address of this end in brackets.
---@return smtp.Reply
function Session:lhlo(name) end

---Says STARTTLS and, after a 220, starts TLS. Raises kind tls when the handshake or the verification fails. Afterwards say EHLO again.
---@param opts? smtp.StartTLSOpts Options.
---@return smtp.Reply
function Session:starttls(opts) end

---Logs in. The reply may have any code; a failure challenge is answered so that the session stays in step. Credentials go out only over verified TLS or to this machine.
---@param auth smtp.Auth Who logs in and how.
---@return smtp.Reply
function Session:auth(auth) end

---Says AUTH by hand: mechanism and initial response go out as given, base64 or not. Answer a 334 with cmd.
---@param mech string The mechanism's name.
---@param initial? string|smtp.Secret What follows it, sent as it is.
---@return smtp.Reply
function Session:auth_raw(mech, initial) end

---Begins a transaction with MAIL FROM.
---@param from string The reverse-path without brackets; "" is the null sender.
---@param params? table<string, string|integer|boolean> ESMTP parameters, advertised or not: {SIZE = 100, SMTPUTF8 = true}.
---@return smtp.Reply
function Session:mail(from, params) end

---Names a recipient with RCPT TO.
---@param to string The forward-path without brackets.
---@param params? table<string, string|integer|boolean> ESMTP parameters: {NOTIFY = "NEVER"}.
---@return smtp.Reply
function Session:rcpt(to, params) end

---Sends a message with DATA and the final dot. Returns the reply to DATA when that is not 354, else the final reply; over LMTP the worst one, and a list of all as second value.
---@param content string|mail.Message The message. Line ends become CRLF and dots are stuffed.
---@param opts? smtp.DataOpts Options.
---@return smtp.Reply, smtp.Reply[]?
function Session:data(content, opts) end

---Sends one chunk with BDAT, the last one unless told otherwise; with a size, a whole message in chunks.
---@param chunk string|mail.Message The octets, sent as they are.
---@param opts? smtp.BdatOpts|boolean Options, or whether this is the last chunk.
---@return smtp.Reply, smtp.Reply[]?
function Session:bdat(chunk, opts) end

---Says RSET: forget the transaction.
---@return smtp.Reply
function Session:rset() end

---Says NOOP: nothing but a sign of life.
---@param text? string What follows the verb.
---@return smtp.Reply
function Session:noop(text) end

---Asks with VRFY whether a mailbox exists.
---@param name? string What follows the verb.
---@return smtp.Reply
function Session:vrfy(name) end

---Asks with EXPN who is on a list.
---@param list? string What follows the verb.
---@return smtp.Reply
function Session:expn(list) end

---Says HELP.
---@param topic? string What follows the verb.
---@return smtp.Reply
function Session:help(topic) end

---Says QUIT and closes the connection after the 221.
---@return smtp.Reply
function Session:quit() end

---Sends any line and reads one reply: verbs that nobody knows, wrong syntax, answers to AUTH challenges.
---@param line string|smtp.Secret The line without its ending.
---@return smtp.Reply
function Session:cmd(line) end

---Sends exactly these bytes: half lines, several lines at once, bare LF. Complete lines count as commands, whose replies read_reply gets.
---@param bytes string|smtp.Secret Exactly these bytes; \r\n, \0 and \255 are Lua's escapes.
function Session:write(bytes) end

---Reads the next reply. Raises kind timeout when none comes, kind closed when the server hangs up.
---@param timeout? number|string How long to wait.
---@return smtp.Reply
function Session:read_reply(timeout) end

---Waits for the server to close the connection and tells whether it did.
---@param timeout? number|string How long to wait.
---@return boolean
function Session:eof(timeout) end

---Closes our side of the connection and leaves the server's open, or resets the connection.
---@param how? "write"|"reset" write closes our side only; reset drops the connection with a TCP RST.
function Session:shutdown(how) end

---Sends several commands at once and returns their replies in order, whether or not the server offers PIPELINING.
---@param cmds string[] The lines, without endings.
---@return smtp.Reply[]
function Session:pipeline(cmds) end

---Tells whether the server offers an extension. Returns its parameters when it has any, true when it has none, false when it is not offered; with a word, whether that is among the parameters.
---@param keyword string An EHLO keyword, in any case.
---@param word? string One of its parameters.
---@return string|boolean
function Session:has(keyword, word) end

---Ends the connection at once, without QUIT. Sessions that are left open are closed at the end of the script.
function Session:close() end

---Sends a whole message: MAIL, RCPT for each recipient, DATA. Returns the final reply and raises an error of kind reply at the first step that is refused.
---@param msg mail.Message The message with its envelope.
---@return smtp.Reply
function Session:send(msg) end

---Gives the conversation as text.
---@param opts? smtp.TextOpts Options.
---@return string
function Transcript:text(opts) end

---Tells whether the reply is what is wanted: a code, a pattern such as 2xx or 5.7.*, a list of codes, or a table.
---@param want integer|string|table What is wanted.
---@return boolean
function Reply:is(want) end

---Raises an error unless the reply is what is wanted; otherwise returns the reply, so that calls can be chained.
---@param want integer|string|table What is wanted, as for is.
---@param why? string What it means when it is something else.
---@return smtp.Reply
function Reply:expect(want, why) end

---Raises an error of kind reply when the server has refused (4yz or 5yz), as open and send do; otherwise returns the reply. Unlike expect it makes no test of it: the program then ends with the status that belongs to the refusal.
---@return smtp.Reply
function Reply:accept() end

---@class vars
vars = {}

---Gives a variable from --var name=value or SMTPSH_VAR_name. Without a default a missing variable ends the script.
---@param name string The variable's name.
---@param default? any What to return when it was not given.
---@return string
function vars.get(name, default) end

---Gives a secret from --secret name=@prompt, @env:X, @file:PATH or @cmd:COMMAND, as an object that is never shown.
---@param name string The secret's name.
---@param default? string What to use when it was not given; fit for tests only.
---@return smtp.Secret
function vars.secret(name, default) end

---Gives the text itself. What you do with it is no longer masked.
---@return string
function Secret:reveal() end

---@class mail
mail = {}

---Composes a message: header fields with RFC 2047 words, text and HTML, attachments, Message-ID and Date.
---@param spec mail.Spec What it is to be.
---@return mail.Message
function mail.message(spec) end

---Gives the message as it goes out, with CRLF line ends.
---@return string
function Message:bytes() end

---Prints its arguments, separated by tabs.
---@param ... any
function print(...) end

---Raises an error that counts as a failed expectation: uncaught, it ends the program with status 1.
---@param message string What is wrong.
function fail(message) end
