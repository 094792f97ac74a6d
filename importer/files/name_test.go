package files

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"photo.jpg": "photo.jpg", "Überweisung 2024.pdf": "Überweisung 2024.pdf", "  a \t b.txt ": "a b.txt", "рахунок.pdf": "рахунок.pdf",
		"../../etc/passwd": "passwd", `..\..\win.ini`: "win.ini", "/etc/shadow": "shadow", `C:\Users\me\a.doc`: "a.doc", "a/b/": "b", "..": "attachment",
		"...": "attachment", "": "attachment", "/": "attachment", `\\`: "attachment", "../": "attachment", "a/..": "a", " . ": "attachment",
		"inv\u202egnp.exe": "invgnp.exe", "a\u2066b\u2069\u200f.txt": "ab.txt", "a\x00b\x1b[31m.txt": "ab[31m.txt", "a\r\nSet-Cookie: x": "a Set-Cookie: x",
		"bad\xff.txt": "bad_.txt", ".htaccess": ".htaccess", "name. . ": "name", "👩‍👩‍👧.png": "👩‍👩‍👧.png",
		strings.Repeat("a", 300) + ".jpeg":                    strings.Repeat("a", 250) + ".jpeg",
		strings.Repeat("ы", 300) + ".pdf":                     strings.Repeat("ы", 251) + ".pdf",
		"x." + strings.Repeat("y", 300):                       "x." + strings.Repeat("y", 253),
		strings.Repeat("a", 254) + "éé":                       strings.Repeat("a", 254) + "é",
		strings.Repeat("d/", 200) + "deep.txt":                "deep.txt",
		strings.Repeat("\u202e", 300) + "a" + "\u0000" + ".b": "a.b",
	} {
		if got := SafeName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzSafeName(f *testing.F) {
	for _, s := range []string{"a.txt", "../x", "\u202e", "a/", strings.Repeat("é.", 200)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := SafeName(in)
		if got == "" || utf8.RuneCountInString(got) > maxName || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\r\n\u202e") || strings.Trim(got, ". ") == "" {
			t.Errorf("%q: %q", in, got)
		}
		if again := SafeName(got); again != got {
			t.Errorf("%q: %q, then %q", in, got, again)
		}
	})
}

func TestContentType(t *testing.T) {
	zip := "PK\x03\x04\x14\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00"
	docx := "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for _, c := range []struct {
		head   string
		claims []string
		want   string
	}{
		{png, nil, "image/png"}, {png, []string{"image/jpeg"}, "image/png"}, {png, []string{"application/octet-stream", "text/plain"}, "image/png"},
		{png, []string{"image/png; name=x"}, "image/png"}, {zip, []string{docx}, docx}, {zip, []string{"image/png"}, "application/zip"},
		{"a,b\n1,2", []string{"text/csv"}, "text/csv"}, {"hello", []string{"image/png"}, "text/plain"}, {"hello", []string{"", "message/rfc822"}, "message/rfc822"},
		{"hello", []string{"text/x-log"}, "text/x-log"}, {loginPage, []string{"image/png"}, "text/html"}, {loginPage, []string{"application/pdf", "text/html"}, "text/html"},
		{"\x00\x01\x02\x03", []string{"application/x-acme"}, "application/x-acme"}, {"\x00\x01\x02\x03", []string{"image/png"}, "application/octet-stream"},
		{"\x00\x01\x02\x03", []string{"text/html"}, "application/octet-stream"}, {"%PDF-1.7\n", []string{"application/msword"}, "application/pdf"},
		{"hello", []string{"a b c", "\r\nX: y", ";;;"}, "text/plain"},
	} {
		if got := ContentType([]byte(c.head), c.claims...); got != c.want {
			t.Errorf("%.20q %q: %s, want %s", c.head, c.claims, got, c.want)
		}
	}
}

func TestRewrite(t *testing.T) {
	change := func(attribute, ref string) (string, bool) {
		switch ref {
		case "cid:1":
			return "https://new.test/1?a=1&b=2", true
		case "drop":
			return "", true
		}
		return ref, false
	}
	for in, want := range map[string]string{
		"": "", "plain < text & more": "plain < text & more", "<p>a<br>b": "<p>a<br>b", "<IMG SRC='x' Alt=\"y\">": "<IMG SRC='x' Alt=\"y\">",
		`<p Class=a>é<img src="cid:1" alt="&lt;x&gt;"></P>&nbsp;`: `<p Class=a>é<img src="https://new.test/1?a=1&amp;b=2" alt="&lt;x&gt;"></P>&nbsp;`,
		`<IMG SRC=cid:1>x<IMG SRC=cid:2>`:                         `<img src="https://new.test/1?a=1&amp;b=2">x<IMG SRC=cid:2>`,
		`<img src="drop" width=1><td background="cid:1">`:         `<img width="1"><td background="https://new.test/1?a=1&amp;b=2">`,
		`<!-- <img src="cid:1"> --><img src="cid:1"`:              `<!-- <img src="cid:1"> --><img src="cid:1"`,
		`<style><img src="cid:1"></style><a href=" cid:1 ">`:      `<style><img src="cid:1"></style><a href="https://new.test/1?a=1&amp;b=2">`,
	} {
		if got := Rewrite(in, change); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

func FuzzRewrite(f *testing.F) {
	for _, s := range []string{`<p><img src="cid:1">`, "<", "<!--", "<plaintext>a", "<textarea><img src=x>", "\x00<a href=\"b", "<svg><image href=a />"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if got := Rewrite(in, func(_, ref string) (string, bool) { return "", false }); got != in {
			t.Errorf("%q became %q", in, got)
		}
		Rewrite(in, func(_, ref string) (string, bool) { return "x" + ref, true })
	})
}

func TestReferences(t *testing.T) {
	for in, want := range map[string]string{"cid:a@b": "a@b", "CID:%3Ca@b%3E": "a@b", "cid:<a>": "a", "cid:": "", "https://x": "", "cid:100%": "100%"} {
		if got, _ := ContentID(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"data:image/png;base64,aGk=": "image/png image.png aGk=", "DATA:image/gif;base64,aG%6B%3D": "image/gif image.gif aGk=", "data:image/svg+xml,%3Csvg/%3E": "image/svg+xml image.svg PHN2Zy8+",
		"data:image/png;charset=x;base64,aGk=": "image/png image.png aGk=", "data:image/x-odd;base64,aGk=": "image/x-odd image aGk=",
		"data:text/html;base64,aGk=": "", "data:image/png;base64,!!": "", "data:image/png;base64,": "", "data:image/png": "", "data:,x": "", "data:image/png,%zz": "",
	} {
		got := ""
		if s, ok := FromData(in); ok {
			got = s.ContentType + " " + s.Name + " " + s.Data
		}
		if got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
	for _, pair := range [][2]string{{"HTTPS://Files.test/a b.png", "https://files.test/a%20b.png#x"}, {"//files.test/a", "https://files.test/a"}} {
		if SameURL(pair[0]) != SameURL(pair[1]) {
			t.Errorf("%q is not %q", SameURL(pair[0]), SameURL(pair[1]))
		}
	}
}
