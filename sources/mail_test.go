package sources

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// mailText is a mail with a header of its own before what is given.
func mailText(rest string) string {
	return "Message-ID: <m@example.com>\nDate: Thu, 2 Jan 2020 10:00:00 +0100\nFrom: Zoe <zoe@example.com>\nTo: help@acme.test\nSubject: s\n" + rest
}

// asMail decodes a mail's JSON.
func asMail(t testing.TB, text string) map[string]any {
	t.Helper()
	b, err := MailJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return m
}

// shown renders members of a mail in the order asked for, attachments as name|type|cid|inline|data.
func shown(m map[string]any, names ...string) string {
	var out []string
	for _, name := range names {
		v, there := m[name]
		if name == "attachments" && there {
			for _, f := range v.([]any) {
				f := f.(map[string]any)
				data, _ := base64.StdEncoding.DecodeString(f["data"].(string))
				id, _ := f["content_id"].(string)
				out = append(out, fmt.Sprintf("%s|%s|%s|%v|%.40s", f["name"], f["content_type"], id, f["inline"], data))
			}
			continue
		}
		b, _ := json.Marshal(v)
		out = append(out, string(b))
	}
	return strings.Join(out, " ")
}

func TestMailHeader(t *testing.T) {
	plain := "Content-Type: text/plain\n\nx"
	for _, tt := range []struct{ name, text, show, want string }{
		{"addresses", "From: \"Müller, Zoe\" <zoe@example.com>\nSender: a@b.test (Al)\nReply-To: r@b.test\nTo: x@b.test, Y <y@b.test>\nTo: z@b.test\nCc: undisclosed-recipients:;\nBcc: h@b.test\n",
			"from sender reply_to to cc bcc", `{"address":"zoe@example.com","name":"Müller, Zoe"} {"address":"a@b.test","name":"Al"} [{"address":"r@b.test"}] [{"address":"x@b.test"},{"address":"y@b.test","name":"Y"},{"address":"z@b.test"}] null [{"address":"h@b.test"}]`},
		{"broken addresses", "From: Zoe M. [Acme] <zoe@example.com>\nTo: A B <a@b.test, c@d.test; \"x\n", "from to problems", `{"address":"zoe@example.com","name":"Zoe M. [Acme]"} [{"address":"a@b.test","name":"A B"},{"address":"c@d.test"},{"name":"x"}] ["message_id.missing","date.missing","address.bad: to \"x"]`},
		{"no address", "From: unknown\n", "from problems", `{"name":"unknown"} ["message_id.missing","date.missing","address.bad: from unknown"]`},
		{"encoded words", "Subject: =?utf-8?B?WsO2?= =?utf-8?q?_=C3?= =?utf-8?q?=A4?= x =?ISO-8859-1?Q?=FC?=\nFrom: =?utf-8?Q?Zo=C3=AB?= <z@b.test>\n", "subject from", `"Zö ä x ü" {"address":"z@b.test","name":"Zoë"}`},
		{"broken encoded words", "Subject: =?x-foo?B?/w==?= =?utf-8?B?@@?= =?utf-8?Q?=FF?= =?=\n", "subject problems", `"=?x-foo?B?/w==?= =?utf-8?B?@@?= ÿ =?=" ["message_id.missing","date.missing","charset.unknown: x-foo","charset.wrong: utf-8"]`},
		{"8 bit", "Subject: Zo\xeb\nX-A: Zoë\n", "subject headers", `"Zoë" {"content-type":"text/plain","subject":"Zoë","x-a":"Zoë"}`},
		{"ids", "Message-ID: <a@b>\nIn-Reply-To: <c@d> (mail of Zoe)\nReferences: <e@f>\n <c@d>\n", "message_id in_reply_to references thread", `"a@b" "c@d" ["e@f","c@d"] "e@f"`},
		{"ids without brackets", "Message-ID: a@b\nIn-Reply-To: your mail of Monday\n", "message_id in_reply_to thread", `"a@b" null "a@b"`},
		{"gmail", "Message-ID: <a@b>\nX-GM-THRID: 15\nX-Gmail-Labels: Inbox,\"a, b\",=?UTF-8?Q?Zo=C3=AB?=\n", "thread labels", `"15" ["Inbox","a, b","Zoë"]`},
		{"mended", "Subject: one\n two\nthree\nX-B ad: x\nX-C : y\nX-D: \x00z\n", "subject headers problems", `"one two three" {"content-type":"text/plain","subject":"one two three","x-c":"y","x-d":"z"} ["nul: 1 in the header, left out","header.broken: three","header.broken: X-B ad: x","message_id.missing","date.missing"]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := shown(asMail(t, tt.text+plain), strings.Fields(tt.show)...); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if crlf := strings.ReplaceAll(tt.text+plain, "\n", "\r\n"); shown(asMail(t, crlf), strings.Fields(tt.show)...) != tt.want {
				t.Error("another result with CRLF")
			}
		})
	}
}

func TestMailDate(t *testing.T) {
	received := "Received: from a by b; Thu, 2 Jan 2020 12:00:00 +0000 (UTC)\nReceived: from c by a; Thu, 2 Jan 2020 11:00:00 +0000\n"
	for _, tt := range []struct{ name, text, want string }{
		{"good", "Date: Thu, 2 Jan 2020 10:00:00 +0100\n" + received, `"2020-01-02T10:00:00+01:00" "date"`},
		{"with a comment", "Date: Thu, 2 Jan 2020 10:00:00 +0100 (CET)\n", `"2020-01-02T10:00:00+01:00" "date"`},
		{"a zone by name", "Date: Thu, 2 Jan 2020 10:00:00 EST\n", `"2020-01-02T10:00:00-05:00" "date"`},
		{"a zone that is none", "Date: Thu, 2 Jan 2020 10:00:00 CEST\n" + received, `"2020-01-02T12:00:00Z" "received" "date.wrong: Thu, 2 Jan 2020 10:00:00 CEST"`},
		{"missing", received, `"2020-01-02T12:00:00Z" "received" "date.missing"`},
		{"not a date", "Date: yesterday\n" + received, `"2020-01-02T12:00:00Z" "received" "date.wrong: yesterday"`},
		{"early", "Date: Thu, 1 Jan 1960 10:00:00 +0000\n" + received, `"2020-01-02T12:00:00Z" "received" "date.early: Thu, 1 Jan 1960 10:00:00 +0000"`},
		{"late", "Date: Sat, 4 Jan 2020 10:00:00 +0000\n" + received, `"2020-01-02T12:00:00Z" "received" "date.future: Sat, 4 Jan 2020 10:00:00 +0000, but received 2020-01-02T12:00:00Z"`},
		{"envelope", "", `"2020-01-03T10:00:00Z" "envelope" "date.missing"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := asMail(t, "From a@b Fri Jan  3 10:00:00 2020\nMessage-ID: <a>\n"+tt.text+"\nx")
			got := shown(m, "date", "date_from")
			if p, there := m["problems"]; there {
				got += " " + shown(map[string]any{"x": p.([]any)[0]}, "x")
			}
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	if m := asMail(t, "Message-ID: <a>\n\nx"); m["date"] != nil || m["date_from"] != nil {
		t.Errorf("a date from nowhere: %v", m)
	}
}

func TestMailBody(t *testing.T) {
	mixed := func(parts ...string) string {
		return mailText("Content-Type: multipart/mixed; boundary=\"b 1\"\n\nThis is a multi-part message.\n--b 1\n" + strings.Join(parts, "\n--b 1\n") + "\n--b 1--\n")
	}
	alternative := "Content-Type: multipart/alternative; boundary=x\n\n--x\n\nplain\n--x\nContent-Type: multipart/related; boundary=r\n\n--r\nContent-Type: text/html\n\n<img src=cid:i@b>\n--r\n" +
		"Content-Type: image/png; name=i.png\nContent-ID: <i@b>\nContent-Transfer-Encoding: base64\n\naGk=\n--r--\n--x--"
	for _, tt := range []struct{ name, text, show, want string }{
		{"plain", mailText("\na\r\nb\n"), "text html", `"a\nb\n" null`},
		{"html", mailText("Content-Type: text/html; charset=iso-8859-15\nContent-Transfer-Encoding: quoted-printable\n\n<p>=A4=\n x"), "text html", `null "\u003cp\u003e€ x"`},
		{"alternative and related", mailText(alternative), "text html attachments", `"plain" "\u003cimg src=cid:i@b\u003e" i.png|image/png|i@b|true|hi`},
		{"mixed", mixed(alternative, "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=iso-8859-1''f%FC.pdf\n\npdf", "\nfooter"), "text attachments",
			`"plain\nfooter" i.png|image/png|i@b|true|hi fü.pdf|application/pdf||false|pdf`},
		{"html and a footer", mixed("Content-Type: text/html\n\n<p>", "\n1 < 2"), "text html", `null "\u003cp\u003e\n\u003cdiv style=\"white-space: pre-wrap\"\u003e1 \u0026lt; 2\u003c/div\u003e"`},
		{"names", mixed("Content-Type: application/x; name*0=\"a \"; name*1=b.bin\n\n1", "Content-Type: application/x; name=a b.bin\n\n2", "Content-Type: application/x\nContent-Disposition: attachment; filename=\"=?utf-8?Q?=C3=BC?=.bin\"\n\n3",
			"Content-Type: image/png\n\n4", "Content-Type: application/x\nContent-Disposition: attachment;\nfilename=\"C:\\dir\\x/y.bin\"\n\n5"), "attachments problems",
			"a b.bin|application/x||false|1 a b.bin|application/x||false|2 ü.bin|application/x||false|3 part-5.png|image/png||false|4 x_y.bin|application/x||false|5 [\"header.broken: filename=\\\"C:\\\\dir\\\\x/y.bin\\\"\"]"},
		{"a mail in a mail", mixed("Content-Type: message/rfc822\n\nSubject: inner\n\nbody"), "text attachments", "null inner.eml|message/rfc822||false|Subject: inner\n\nbody"},
		{"winmail", mixed("Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\nAQI=\n"), "attachments", "winmail.dat|application/ms-tnef||false|\x01\x02"},
		{"text as a file", mixed("Content-Type: text/plain; name=log.txt\nContent-Disposition: inline\n\nlog"), "text attachments", "null log.txt|text/plain||true|log"},
		{"unknown charset", mailText("Content-Type: text/plain; charset=x-foo\n\n\xe9"), "text problems", `"é" ["charset.unknown: x-foo"]`},
		{"wrong charset", mailText("Content-Type: text/plain; charset=utf-8\n\n\xe9"), "text problems", `"é" ["charset.wrong: utf-8"]`},
		{"broken charset", mailText("Content-Type: text/plain; charset=gb2312\n\n\xff\xff"), "text problems attachments", `"` + "\uFFFD\uFFFD" + `" ["charset.broken: gb2312"] part-1.undecoded|application/octet-stream||false|` + "\xff\xff"},
		{"japanese", mailText("Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$BF|K\\\x1b(B"), "text problems", `"日本" null`},
		{"unknown encoding", mailText("Content-Transfer-Encoding: x-uuencode\n\nbegin"), "text problems", `"begin" ["encoding.unknown: x-uuencode"]`},
		{"broken base64", mixed("Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\naGk!gaGk"), "attachments problems",
			"a.png|image/png||false|hi hi a.png.undecoded|application/octet-stream||false|aGk!gaGk [\"base64.broken: 1 characters that do not belong a.png\",\"base64.cut: a.png\"]"},
		{"base64 cut short", mixed("Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\naGk"), "attachments problems",
			"a.png|image/png||false|hi a.png.undecoded|application/octet-stream||false|aGk [\"base64.cut: a.png\"]"},
		{"base64 in parts", mixed("Content-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\naGk=\naGk="), "attachments problems", "a.png|image/png||false|hihi null"},
		{"quoted-printable", mailText("Content-Transfer-Encoding: quoted-printable\n\na=3Db =zz =\nc="), "text problems", `"a=b =zz c" ["quoted_printable.broken: 1 escapes, kept as written"]`},
		{"no boundary named", mailText("Content-Type: multipart/mixed\n\nx"), "text problems", `"x" ["mime.boundary: multipart/mixed names none"]`},
		{"boundary nowhere", mailText("Content-Type: multipart/mixed; boundary=b\n\nx"), "text problems", `"x" ["mime.boundary: b is nowhere in the body"]`},
		{"cut", mailText("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bb\ny\n"), "text problems", `"x\n--bb\ny\n" ["mime.cut: the last boundary b is missing"]`},
		{"outside", mailText("Content-Type: multipart/mixed; boundary=b\n\nhello\n--b\n\nx\n--b--\nworld"), "text problems", `"x" ["mime.outside: helloworld"]`},
		{"nul", mailText("\na\x00b"), "text problems", `"ab" ["nul: 1 in the text, left out"]`},
		{"no header", "just text\n\nmore", "text thread problems", `"just text\n\nmore" "none-d0a5dd47d4fd4b0ac5ec3b7bb8a7ffe5" ["header.missing","message_id.missing","date.missing"]`},
		{"nothing", "", "text problems", `null ["header.missing","message_id.missing","date.missing"]`},
		{"no type", mailText("Content-Type: ; charset=utf-8\n\nx"), "attachments", "part-1|application/octet-stream||false|x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := shown(asMail(t, tt.text), strings.Fields(tt.show)...)
			if tt.name == "no header" {
				tt.want, got = strings.Split(tt.want, "none-")[0], strings.Split(got, "none-")[0]
			}
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// A header line of 10 MB, a mail of many parts, parts within parts: named, and nothing is lost.
func TestMailHostile(t *testing.T) {
	long := strings.Repeat("a@b.test, ", 1<<20)
	if m := asMail(t, "Subject: "+strings.Repeat("=?utf-8?q?=C3=BC?= ", 1<<19)+"\n\nx"); len(m["subject"].(string)) != 2<<19 {
		t.Error("a long subject is cut")
	}
	m := asMail(t, "To: "+long+"\nX-L: "+long+"\n\nx")
	if n := len(m["to"].([]any)); n != 1<<20 || len(m["headers"].(map[string]any)["x-l"].(string)) < len(long)-2 {
		t.Errorf("%d addresses", n)
	}
	nest := ""
	for i := range 60 {
		nest += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	m = asMail(t, nest+"\nx")
	if !strings.Contains(shown(m, "problems"), "mime.deep") || !strings.Contains(shown(m, "attachments"), "--b50") {
		t.Errorf("%.300s", shown(m, "problems", "attachments"))
	}
	m = asMail(t, "Content-Type: multipart/mixed; boundary=b\n\n"+strings.Repeat("--b\nContent-Type: x/y\n\n1\n", maxParts+10)+"--b--")
	if n := len(m["attachments"].([]any)); n != maxParts+1 || !strings.Contains(shown(m, "problems"), "mime.deep") {
		t.Errorf("%d attachments", n)
	}
	if _, err := MailJSON(io.LimitReader(zeros{}, maxRecord+1)); err == nil {
		t.Error("a mail over the limit: no error")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func mailIDsOf(t testing.TB, s *Set, names ...string) []string {
	t.Helper()
	var out []string
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range p.Records() {
			var bad *BadRecord
			if errors.As(err, &bad) {
				out = append(out, bad.Origin.String()+"! "+bad.Code)
				continue
			}
			line := filepath.Base(r.Origin.String())
			for _, n := range names {
				if c := r.Child(0, n); c != 0 {
					line += " " + r.Nodes[c].Text
					for item := range r.Children(c) {
						line += r.Nodes[item].Text + ","
					}
				}
			}
			out = append(out, line)
		}
	}
	return out
}

func TestMbox(t *testing.T) {
	text := "\uFEFFFrom 1234@xxx Mon Jan 06 12:00:00 +0000 2020\nMessage-ID: <1>\n\n>From here\n>>From there\nFrom x Mon Jan 06 12:00:00 2020\nis text\n\nFrom now on, Monday\n\nFrom x Mon Jan 06 12:00:00 2020\nno header after it\n\n" +
		"From - Mon Jan  6 12:00 2020\nMessage-ID: <2>\n\nb\n\n" +
		"From \"a b\"@c.test Mon, 6 Jan 2020 12:00:00 +0000 remote from y\r\nMessage-ID: <3>\r\n\r\nc\r\n\r\n" +
		"From MAILER-DAEMON Mon Jan  6 12:00:00 UTC 2020\n\n\n\nFrom z Mon Jan  6 12:00:00 2020\nMessage-ID: <1>\n\nsame id"
	s := open(t, Options{}, write(t, "Inbox.mbox", text))
	for _, s.chunk = range []int{chunkSize, 1, 50} {
		same(t, mailIDsOf(t, s, "message_id", "text", "folder", "date"),
			"Inbox.mbox:1 1 From here\n>From there\nFrom x Mon Jan 06 12:00:00 2020\nis text\n\nFrom now on, Monday\n\nFrom x Mon Jan 06 12:00:00 2020\nno header after it Inbox 2020-01-06T12:00:00Z",
			"Inbox.mbox:14 2 b Inbox 2020-01-06T12:00:00Z", "Inbox.mbox:19 3 c Inbox 2020-01-06T12:00:00Z", "Inbox.mbox:24 Inbox 2020-01-06T12:00:00Z", "Inbox.mbox:28 1 same id Inbox 2020-01-06T12:00:00Z")
	}
	s = open(t, Options{}, write(t, "one.mbox", "Message-ID: <1>\n\n>From here"))
	same(t, mailIDsOf(t, s, "message_id", "text"), "one.mbox:1 1 >From here")
	s = open(t, Options{Format: Mail}, write(t, "empty.mbox", ""))
	same(t, mailIDsOf(t, s))
}

func TestMailTooLarge(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 200 MB")
	}
	from := "From a Mon Jan  6 12:00:00 2020\n"
	body := "Subject: x\n\n" + strings.Repeat(strings.Repeat("x", 100)+"\n", maxRecord/100)
	s := open(t, Options{}, write(t, "x.mbox", from+"Message-ID: <1>\n\n\n"+from+body+"\n"+from+"Message-ID: <3>\n\n\n"+from+body))
	got := mailIDsOf(t, s, "message_id")
	for i := range got {
		got[i] = got[i][strings.LastIndex(got[i], ":")+1:]
	}
	same(t, got, "1 1", "5! record.size", "671097 3", "671101! record.size")
	dir := tree(t, "1.eml", "Message-ID: <1>\n", "2.eml", body, "3.eml", "Message-ID: <3>\n")
	got = mailIDsOf(t, open(t, Options{}, dir), "message_id")
	same(t, got, "1.eml:1 1", dir+"/2.eml:1! record.size", "3.eml:1 3")
}

func TestMailFolders(t *testing.T) {
	one := func(id string) string { return "Message-ID: <" + id + ">\n\nx" }
	apple := "28        \n" + one("apple1@b") + "abc<?xml?><plist></plist>"
	dir := tree(t,
		"M/cur/1577.M1.host:2,FS", one("1"), "M/cur/1578.M2.host", one("2"), "M/new/1579.M3.host", one("3"), "M/tmp/1580.M4.host", one("4"), "M/dovecot.index", "x",
		"M/.Sent.2020/cur/1.a:2,", one("5"), "M/.Sent.2020/new/x", "no mail by its name", "M/.hidden/x.csv", "no",
		"eml/a.eml", one("6"), "eml/b.eml.gz", gz(t, one("7")), "eml/c.eml", "From a Mon Jan  6 12:00:00 2020\n"+one("8")+"\n\nFrom a Mon Jan  6 12:00:00 2020\n"+one("9"),
		"In.mbox/Messages/1.partial.emlx", apple, "In.mbox/mbox", "From a Mon Jan  6 12:00:00 2020\n"+one("10"),
		"z.zip", zipped(t, "Maildir/.Old/cur/1.b:2,T", one("11"), "Maildir/tmp/2.b", one("12"), "m/d.eml", one("13"), "m/e.eml", one("14")))
	s := open(t, Options{}, dir)
	if got, want := names(s, dir), "In.mbox/Messages/1.partial.emlx=1.partial.emlx In.mbox/mbox=mbox M/.Sent.2020/cur/1.a:2,=1.a:2, M=M eml=eml.eml z.zip/Maildir/.Old/cur/1.b:2,T=1.b:2,T z.zip/m=m.eml"; got != want {
		t.Errorf("files\n%s, want\n%s", got, want)
	}
	want := []string{"1.partial.emlx:1 apple1@b In emlx.partial: attachments lie in a folder of their own,date.missing,", "mbox:1 10 In date.missing,", "1.a:2,:1 5 Sent.2020 date.missing,",
		"1577.M1.host:2,FS:1 1 M flagged,seen, date.missing,", "1578.M2.host:1 2 M date.missing,", "1579.M3.host:1 3 M date.missing,",
		"a.eml:1 6 date.missing,", "b.eml.gz:1 7 date.missing,", "c.eml:1 8 date.missing,", "c.eml:6 9 date.missing,", "1.b:2,T:1 11 Old trashed, date.missing,", "d.eml:1 13 date.missing,", "e.eml:1 14 date.missing,"}
	for _, s.chunk = range []int{chunkSize, 1} {
		got := mailIDsOf(t, s, "message_id", "folder", "flags", "problems")
		same(t, got, want...)
	}
	if got := strings.Join(s.Skipped(), " "); !strings.Contains(got, "dovecot.index") || !strings.Contains(got, "new/x") || strings.Contains(got, "1580") {
		t.Errorf("skipped %s", got)
	}
}

// Mails that belong together have one thread, whatever their order, their files and how they are cut.
func TestThreads(t *testing.T) {
	m := func(id, rest string) string {
		return "From a Mon Jan  6 12:00:00 2020\nMessage-ID: <" + id + ">\n" + rest + "\nx\n\n"
	}
	dir := tree(t, "1.mbox", m("c", "In-Reply-To: <b>\n")+m("x", "")+m("d", "References: <a> <b>\n <c>\n"), "2.mbox", m("b", "In-Reply-To: <a>\n")+m("y", "In-Reply-To: <gone>\n")+m("g", "X-GM-THRID: 77\n"),
		"3.mbox", m("a", "")+m("z", "References: <gone>\n")+m("a", "In-Reply-To: <d>\n"))
	want := []string{"1.mbox:1 a", "1.mbox:7 x", "1.mbox:12 a", "2.mbox:1 a", "2.mbox:7 gone", "2.mbox:13 77", "3.mbox:1 a", "3.mbox:6 gone", "3.mbox:12 a"}
	s := open(t, Options{}, dir)
	for _, s.chunk = range []int{chunkSize, 1, 30} {
		same(t, mailIDsOf(t, s, "thread"), want...)
	}
}

// A rejected mail is JSON on a line, and the same record when it is read back, large as it may be.
func TestRejectsMail(t *testing.T) {
	large := "Message-ID: <2>\nReferences: <1>\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: x/y\n\n" + strings.Repeat("0123456789", sampleSize/10) + "\n--b--\n"
	dir := tree(t, "In.mbox", "From a Mon Jan  6 12:00:00 2020\nMessage-ID: <1>\n\nx\n\nFrom a Mon Jan  6 12:00:00 2020\n"+large, "d/a.eml", large, "d/b.eml", "Subject: x\n\n\"")
	t.Chdir(dir)
	for _, tt := range []struct{ from, base string }{{"In.mbox", "In.mbox"}, {"d", "a.eml"}} {
		o := Options{Format: Mail, Encoding: "latin1"}
		s := open(t, o, tt.from)
		reject(t, s, "out.json")
		back := open(t, o, "out.json")
		if f := back.Files()[0]; f.Base != tt.base || f.Format != JSON || !f.Lines {
			t.Errorf("%+v", f)
		}
		want, got := mailIDsOf(t, s), mailIDsOf(t, back)
		if len(want) != len(got) {
			t.Errorf("%d records, %d back", len(want), len(got))
		}
		same(t, contents(t, back), contents(t, s)...)
		for i, m := range origins(t, back) {
			if filepath.Base(m) != want[i] {
				t.Errorf("mends %s, want %s", m, want[i])
			}
		}
		if err := os.Remove("out.json"); err != nil {
			t.Fatal(err)
		}
	}
}

// contents are the records' texts.
func contents(t testing.TB, s *Set) (out []string) {
	t.Helper()
	for p, err := range s.Pieces(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for r, err := range p.Records() {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, content(r))
		}
	}
	return out
}

// What is kept of a mail until all are read is little.
func TestThreadsMemory(t *testing.T) {
	live := func() int64 {
		runtime.GC()
		runtime.GC() // pools are emptied by the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	const mails = 200_000
	before := live()
	all := newThreads()
	for i := range mails {
		ids := mailIDs{own: fmt.Sprintf("m%d@mail.example.com", i)}
		if i%4 > 0 {
			ids.references = []string{fmt.Sprintf("m%d@mail.example.com", i-i%4), fmt.Sprintf("m%d@mail.example.com", i-1)}
		}
		all.note(ids)
	}
	all.settle()
	if n := (live() - before) / mails; n > 100 {
		t.Errorf("%d bytes a mail", n)
	} else {
		t.Logf("%d bytes a mail", n)
	}
	if len(all.roots) != mails/4 {
		t.Errorf("%d threads", len(all.roots))
	}
}
