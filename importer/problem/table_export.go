package problem

import "github.com/deskferry/deskferry/importer/files"

// readingTable are the codes of sources: records that cannot be read as one.
var readingTable = []Entry{
	{"record.ragged", "reading", "error", "a row has fewer or more cells than the heading", "a row of 7 cells under a heading of 9: an unquoted line break cut it in two",
		"put cells that hold the delimiter or a line break in quotes, and write empty cells too"},
	{"record.torn", "reading", "error", "the file ends, or the text runs on, inside a cell, value or list", "a download that stopped: the last record has no end",
		"export the file again; or mend the record in the rejects file"},
	{"record.quote", "reading", "error", "a quote stands where none may be", "4;\"he \"said\" it\";open", "write each quote inside a quoted cell twice"},
	{"record.encoding", "reading", "error", "bytes that are not of the file's encoding", "a file that is said to be UTF-8, saved as windows-1252 by a spreadsheet",
		"if the whole file is so, say its encoding: source: { encoding: windows-1252 }, or --encoding; else mend the record"},
	{"record.json", "reading", "error", "the text is not JSON", "{\"id\":1,} – a comma too many", "mend it in the rejects file, where it stands as text"},
	{"record.xml", "reading", "error", "the text is not well-formed XML", "<subject>A & B</subject>", "mend it: a bare & is written &amp;"},
	{"record.repeated", "reading", "error", "one object has a key twice, so it says two things", "{\"id\":1,\"id\":2}", "keep one of the two"},
	{"record.deep", "reading", "error", "the record is nested too deeply", "ten thousand lists in each other", "look at what wrote it: no helpdesk does"},
	{"record.size", "reading", "error", "the record is too large to be read as one", "a mail with a video of 300 MB in it", "take the large part out, or leave the record out"},
}

// exportTable are the codes of package importer: what meets only over all records.
var exportTable = []Entry{
	{"message_id.two_tickets", "export", "warning", "messages of two tickets have one id", "message 1 stands in ticket 812 and in ticket 813",
		"nothing, if a ticket was split or merged; else make the ids unique with a text template: { text: \"{ticket_id}-{id}\" }"},
	{"customer.shared", "export", "warning", "several people of the source have one e-mail: they become one customer", "ids 7 and 9 are both family@example.com",
		"nothing, if that is right; else give one of them another address in the people file"},
	{"customer.is_agent", "export", "warning", "a customer's e-mail is an agent's, a user's of the account, or one of the company's own", "mia@acme.test asks for a refund",
		"nothing, if a colleague wrote as a customer; else name the customer in the people file, or mend people.agents"},
	{"agent.is_customer", "export", "warning", "someone who answers tickets is the customer of others", "an agent who opened a ticket on behalf of a caller",
		"nothing, if that is right; else name the real customer in the people file"},
}

// filesTable are the codes of package importer/files, and of images in texts.
var filesTable = []Entry{
	{string(files.Empty), "files", "warning", "the file has 0 bytes", "an upload that failed in the old helpdesk", files.Empty.Hint()},
	{string(files.Gone), "files", "warning", "the old system no longer has the file: 404 or 410", "the trial ended and its files were deleted", files.Gone.Hint()},
	{string(files.Denied), "files", "warning", "the old system gives the file only to who is signed in: 401 or 403", "private attachments are switched on there", files.Denied.Hint()},
	{string(files.LoginPage), "files", "warning", "a web page came instead of the file", "a sign-in page, answered with 200", files.LoginPage.Hint()},
	{string(files.TooLarge), "files", "warning", "the file is larger than the limit", "a video of 80 MiB", files.TooLarge.Hint()},
	{string(files.Private), "files", "warning", "the address lies in a private network, which is not asked", "http://192.168.1.5/invoice.pdf", files.Private.Hint()},
	{string(files.Redirect), "files", "warning", "the address leads elsewhere without end, or to another scheme", "two pages that name each other", files.Redirect.Hint()},
	{string(files.TimedOut), "files", "warning", "the file did not arrive in time", "a server that sends a byte a second", files.TimedOut.Hint()},
	{string(files.Unreachable), "files", "warning", "the old system cannot be reached: no such host, refused, or broken TLS", "the old account's subdomain is gone", files.Unreachable.Hint()},
	{string(files.ServerError), "files", "warning", "the old system answers with an error of its own", "503 for an hour", files.ServerError.Hint()},
	{string(files.BadURL), "files", "warning", "the address is not http or https, or cannot be read", "ftp://files.example.com/a.pdf", files.BadURL.Hint()},
	{string(files.Cut), "files", "warning", "the file arrived shorter than announced", "3 of 5 MiB", files.Cut.Hint()},
	{string(files.BadData), "files", "warning", "the export's own bytes of the file are not base64", "data: (see archive)", files.BadData.Hint()},
	{string(files.NotTaken), "files", "warning", "the account did not take the file", "an .exe", files.NotTaken.Hint()},
	{"file.inline", "files", "warning", "an image in a text leads to no file of its message", "<img src=\"cid:logo\">, and the message has no file logo", "nothing, if it was a signature's image; else give the attachments their content_id"},
	{"file.inline_many", "files", "warning", "a text has more than 200 images of its own: the others stay as they are in it", "a thread of years, quoted whole with everybody's signature image",
		"nothing, if they were signatures; else keep the old system's links alive, or look at the message there"},
}
