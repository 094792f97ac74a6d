package mapping

// key is a key of the format with the part of the schema that describes its value. These tables and those of the
// target fields are the one place that names keys: the loader's checks and the JSON Schema read them.
type key struct{ name, def, doc string }

var fileKeys = []key{
	{"version", "version", "version of the format; this one is 1"},
	{"extends", "text", "a preset's name or another file, relative to this one"},
	{"about", "about", "what export the mapping is for"},
	{"source", "source", "how all inputs are read"},
	{"inputs", "inputs", "kinds of records; absent: one, everything in --from"},
	{"tables", "tables", "source value to target value"},
	{"people", "people", "who is who"},
	{"bodies", "bodies", "what is done to the bodies of messages"},
	{"tickets", "tickets", "named rules that make tickets"},
	{"messages", "messages", "named rules that make messages"},
	{"ignore", "texts", "fields known and not wanted"},
}

var readingKeys = []key{
	{"format", "format", "csv, json, xml or mail; absent: found out"},
	{"encoding", "text", "character encoding by its WHATWG name; absent: found out"},
	{"delimiter", "delimiter", "one character, or comma, semicolon, tab, pipe; absent: found out"},
	{"timezone", "text", "zone of times that name none, such as Europe/Paris"},
	{"empty", "texts", "words that mean nothing, such as NULL"},
}

var sourceKeys = append([]key{
	{"name", "text", "the old helpdesk's name, a part of every ticket's external id"},
	{"api", "settings", "settings for the reader of a live API: docs/omnidesk.md"},
}, readingKeys...)

var inputKeys = append([]key{
	{"files", "text", "glob on the file's name; absent: every file"},
	{"path", "texts", "place of the records in a document, or a list to try"},
	{"when", "condition", "records that belong to this input"},
	{"optional", "bool", "no file of this input is no error"},
}, readingKeys...)

var tableFileKeys = []key{
	{"file", "text", "a CSV file, relative to this one"},
	{"key", "text", "its column with source values"},
	{"value", "text", "its column with target values"},
}

var peopleKeys = []key{
	{"from", "personRules", "named rules that make people"},
	{"agents", "texts", "own addresses, and domains as @example.com"},
	{"unknown", "unknown", "author found nowhere: reject (default), agent or customer"},
	{"no_email", "template", "address made for a customer without one, such as old-{id}@import.invalid"},
}

var bodiesKeys = []key{
	{"html", "bodyHTML", "clean (default): scripts, forms, frames and the like are taken out; as_is: it is sent as it is"},
	{"replies", "bodyReplies", "strip (default): e-mails get stripped_text, stripped_html and stripped_signature without quoted mails; keep: none is made"},
	{"trackers", "bodyTrackers", "keep (default), or remove: images that report back are taken out"},
}

var personRuleKeys = []key{
	{"input", "texts", "input or inputs the rule reads; absent: the first"},
	{"when", "condition", "else the rule makes nothing"},
	{"skip", "reasons", "reason: condition; left out and counted"},
	{"warn", "reasons", "reason: condition; counted"},
	{"each", "text", "items of the record; absent: the record itself"},
	{"like", "text", "start from that rule's keys; null removes one"},
}

var ticketRuleKeys = []key{
	{"input", "texts", "input or inputs the rule reads; absent: the first"},
	{"when", "condition", "else the rule makes nothing"},
	{"skip", "reasons", "reason: condition; left out and counted"},
	{"warn", "reasons", "reason: condition; counted"},
	{"like", "text", "start from that rule's keys; null removes one"},
}

var messageRuleKeys = append([]key{
	{"each", "text", "items of the record; absent: the record itself"},
	{"newest_first", "bool", "items come newest first: ties in time keep reversed order"},
	{"fallback", "bool", "used only where the ticket has no other message"},
}, ticketRuleKeys...)

var formKeys = []key{
	{"from", "from", "a field, or a list of them: the first that is not absent"},
	{"const", "constant", "a constant"},
	{"all", "values", "every value, for list fields"},
	{"text", "template", "fields put together: {a}-{b}"},
	{"is", "condition", "true or false"},
	{"expr", "text", "an expression over item, record, file and set"},
}

var stepKeys = []key{
	{"when", "condition", "else absent"},
	{"lower", "bool", "to lower case"},
	{"upper", "bool", "to upper case"},
	{"html", "bool", "take the text of HTML"},
	{"unescape", "unescape", "backslash: \\n and the like written out become characters; entities: &amp; and the like; or a list of both"},
	{"match", "regex", "take the group of this regular expression; no match: absent"},
	{"split", "text", "cut at this text"},
	{"table", "tableRef", "translate: a table's name, or entries"},
	{"layout", "texts", "layout of times, or a list to try"},
	{"timezone", "text", "zone of times that name none"},
	{"future", "future", "skip: a time to come means scheduled, not sent"},
	{"default", "constant", "in place of an absent value"},
	{"warn", "text", "count under this name when the value is taken"},
	{"take", "take", "last: of several records' values the latest by sent time"},
}

var testKeys = []key{
	{"not", "test", "the other test fails, or the field is absent"},
	{"match", "regex", "a regular expression finds something"},
	{"same_as", "text", "equal to another field"},
}

// partKeys are the steps a value made of parts may have itself; the others belong to its parts.
var partKeys = []key{
	{"when", "condition", "else absent"},
	{"warn", "text", "count under this name when the value is taken"},
	{"take", "take", "last: of several records' values the latest by sent time"},
}

// eachKeys name the items addresses and attachments are made from.
var eachKeys = []key{
	{"each", "text", "a list or one object; its items are what the parts name fields of"},
	{"split", "text", "cut the text that each leads to; its pieces are the items"},
}

// partSteps are the keys beside its parts that a value of this kind may have.
func partSteps(k fieldKind) []string {
	if k == kindPerson {
		return keyNames(partKeys)
	}
	return keyNames(eachKeys, partKeys)
}

func keyNames(tables ...[]key) []string {
	var names []string
	for _, table := range tables {
		for _, k := range table {
			names = append(names, k.name)
		}
	}
	return names
}

func fieldNames(fields []field) []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	return names
}

// fieldNamed returns the field of that name.
func fieldNamed(fields []field, name string) (field, bool) {
	for _, f := range fields {
		if f.name == name {
			return f, true
		}
	}
	return field{}, false
}

// parts returns the parts a value of this kind may be made of, nil where it has none.
func (k fieldKind) parts() []field {
	switch k {
	case kindPerson:
		return personFields
	case kindAddresses:
		return addressParts
	case kindAttachments:
		return attachmentParts
	}
	return nil
}

// parts are what v, which is made of parts, may have for a target of this kind; nil where any name is one.
func (v *Value) parts(k fieldKind) []field {
	if k == kindPairs && v.Each != "" {
		return pairParts
	}
	return k.parts()
}

// isList tells whether a field of this kind takes several values.
func (k fieldKind) isList() bool {
	return k == kindList || k == kindAddresses || k == kindAttachments
}

// otherNames are names people know a field by, for "did you mean".
func otherNames(name string) string {
	switch foldWord(name) {
	case "id", "ticketid":
		return "external_id"
	case "body", "text", "content", "description":
		return "body_text"
	case "html":
		return "body_html"
	case "sender", "user", "agent":
		return "author"
	case "requester", "contact":
		return "customer"
	case "assignee", "owner":
		return "assignee_user"
	case "team", "group":
		return "assignee_team"
	case "from":
		return "from_address"
	case "public", "private", "note":
		return "internal"
	case "createdat", "created":
		return "created_datetime"
	case "sentat", "date", "time", "timestamp":
		return "sent_datetime"
	case "closedat", "solvedat":
		return "closed_datetime"
	case "labels":
		return "tags"
	case "files":
		return "attachments"
	case "incoming", "direction":
		return "from_agent"
	}
	return ""
}
