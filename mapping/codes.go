package mapping

import "slices"

// Code describes one kind of problem. docs/problems.md is made of the table of them.
type Code struct {
	Name     string // stable: reports and scripts depend on it
	Severity Severity
	Cause    string
	Remedy   string
	Example  string // what it looks like in an export or a mapping
}

// Codes returns every code a [Problem] of this package can carry, by name.
func Codes() []Code {
	all := slices.Concat(recordCodes, valueCodes, timeCodes, assemblyCodes)
	slices.SortFunc(all, func(a, b Code) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return all
}

// The codes of records and rules.
const (
	codeNoInput   = "record.no_input"
	codeNoRule    = "record.no_rule"
	codeColumns   = "record.columns"
	codeNoTicket  = "message.no_ticket"
	codeIDMissing = "external_id.missing"
	codeRuleWarn  = "rule.warn"
	codePathUnmet = "mapping.path_unmet"
)

var recordCodes = []Code{
	{codeNoInput, Error, "no entry of inputs takes the record", "add an input whose files, path and when fit it, or leave the file out of --from", "inputs takes tickets*.json, and --from holds users.json too"},
	{codeNoRule, Error, "no rule takes the record or the item, and no skip names it", "add a rule for it, or a skip with a reason to the rule that should leave it out", "a record of type: audit, and every rule's when wants type: comment"},
	{codeColumns, Error, "the mapping does not fit the file's columns", "name the file's columns as its heading spells them", "the mapping reads Requester, the heading says Requester email"},
	{codeNoTicket, Error, "the message's ticket is not known", "give the message rule a ticket field that holds the ticket's external_id", "a message whose conversation_id is empty"},
	{codeIDMissing, Error, "the rule names an external_id and the record has none", "fill it in, or leave external_id out of the rule so that a hash of the content names the record", "external_id: id, and the row's id is empty"},
	{codeRuleWarn, Warning, "a warn condition of the rule holds", "nothing, if that is expected: the mapping asked for it to be counted", "warn: { merged: { status: merged } }, and the status is merged"},
	{codePathUnmet, Warning, "no record has a path the mapping reads", "check the spelling of the path against a record", "subject: requester.nmae, where every record has requester.name"},
}

// The codes of values.
const (
	codeTableUnknown   = "table.unknown"
	codeValueEnum      = "value.enum"
	codeValueBool      = "value.bool"
	codeValueNumber    = "value.number"
	codeValueObject    = "value.object"
	codeValueLanguage  = "value.language"
	codeLanguageCut    = "language.region"
	codeValueWarn      = "value.warn"
	codeIDExponent     = "id.exponent"
	codeIDPart         = "id.part_missing"
	codeChannelCustom  = "channel.custom"
	codeTextLong       = "text.too_long"
	codeTextNUL        = "text.nul"
	codeTagLong        = "tag.too_long"
	codeTagCleaned     = "tag.cleaned"
	codeTagCase        = "tag.case"
	codeEmail          = "email.invalid"
	codeAddress        = "address.invalid"
	codePersonNameless = "person.nameless"
	codeFileMissing    = "attachment.no_url"
	codeFileURL        = "attachment.url"
	codeFileSize       = "attachment.size"
	codeFileData       = "attachment.data"
	codeMessageEmpty   = "message.empty"
	codeBodyMissing    = "body.missing"
	codeBodyCleaned    = "body.cleaned"
	codeExpr           = "expr.failed"
)

var valueCodes = []Code{
	{codeTableUnknown, Error, "a table has no entry for the value", "add the line the hint shows, or an entry \"*\" for any other value", "status on-hold, and tables.status knows open, pending and solved"},
	{codeValueEnum, Error, "the field takes only certain words and this is none of them", "translate it with a table", "priority: P1 without a table, where Gorgias knows critical, high, normal and low"},
	{codeValueBool, Error, "the value is not read as true or false", "translate it with a table; read without one are true/false, 1/0, yes/no, t/f, y/n", "internal: visibility, and the value is agents-only"},
	{codeValueNumber, Error, "the value is not a whole number above zero", "mend it, or leave it empty", "integration_id: main"},
	{codeValueObject, Error, "the path leads to an object where one value is wanted", "name one of the object's keys", "author: user, and user is { id: 7, name: … }"},
	{codeValueLanguage, Error, "the value is not a two-letter ISO 639-1 language", "translate it with a table", "language: Dutch"},
	{codeLanguageCut, Warning, "Gorgias keeps a language without its region", "nothing", "language: pt-BR arrives as pt"},
	{codeValueWarn, Warning, "an alternative marked with warn was taken", "nothing, if that is expected: the mapping asked for it to be counted", "sent_datetime: [sent_at, { from: created_at, warn: \"sent time guessed\" }], and sent_at is empty"},
	{codeIDExponent, Error, "a spreadsheet turned the id into a rounded number; its last digits are gone", "export again with the id column as text", "ticket_id 3.60001E+11"},
	{codeIDPart, Error, "an id is put together from several fields and one of them is absent", "fill it in, or choose fields that every record has", "external_id: { text: \"{ticket_id}-{position}\" }, and position is empty"},
	{codeChannelCustom, Warning, "the word is none of Gorgias's own channels and is sent as a custom channel's slug", "translate it with a table unless the account has a channel of that slug", "channel: telegram"},
	{codeTextLong, Warning, "the text is longer than Gorgias takes", "nothing: a subject and a name are cut, another field is left out, and the whole is kept in meta; or shorten it in the export", "a subject of 1,200 characters, where Gorgias takes 998"},
	{codeTextNUL, Warning, "the text holds NUL characters, which are removed", "nothing", "a body of a UTF-16 text that was stored byte by byte"},
	{codeTagLong, Warning, "a tag is longer than 256 characters; it is cut there, and meta keeps the whole", "shorten it, or split it with a split step if it is a list", "a whole paragraph in the tags column"},
	{codeTagCleaned, Warning, "a tag holds line ends or control characters, which are taken out", "nothing, or split it with a split step if it is a list", "\"vip\\nrefund\" as one tag"},
	{codeTagCase, Warning, "two tags of a ticket differ by case alone; in Gorgias they are two", "add lower: true to the tags to make them one", "VIP and vip on one ticket"},
	{codeEmail, Error, "not an e-mail address", "mend it, or leave it empty", "requester_email: ann at example.com"},
	{codeAddress, Error, "not a list of addresses", "mend it, or leave it empty", "cc: Ann; Bob"},
	{codePersonNameless, Error, "a people rule found neither id nor e-mail", "fill one in, or add a skip to the rule", "a row of users.csv with neither id nor email"},
	{codeFileMissing, Warning, "an attachment has neither URL nor data and is left out", "nothing, if the file is gone in the old helpdesk", "an attachment { file_name: invoice.pdf } and nothing else"},
	{codeFileURL, Warning, "an attachment's URL is not http or https and will lead nowhere", "upload the files somewhere and give their addresses", "file:///var/attachments/invoice.pdf"},
	{codeFileSize, Warning, "an attachment's size is not a number of bytes and is left out", "nothing", "size: 2 MB"},
	{codeFileData, Error, "an attachment's data is not base64", "mend it, or leave it empty", "data: (see archive)"},
	{codeMessageEmpty, Error, "a message has neither body nor attachment: nothing would be seen of it", "check the rule's body_text and body_html, or skip such records", "a row whose body is empty and which has no file"},
	{codeBodyMissing, Warning, "a message has attachments and no body", "nothing, if that is how it was; else check the rule's body_text and body_html", "a photo that was sent without a word"},
	{codeBodyCleaned, Warning, "an HTML body holds what runs, phones home or lays itself over the page, and is sent without", "nothing; bodies: { html: as_is } sends bodies as they are", "<p onclick=\"…\">Hello</p> is sent as <p>Hello</p>"},
	{codeExpr, Error, "an expression failed", "guard it against absent values, with ?? or ?.", "expr: item.author.email, and author is absent"},
}

// The codes of times.
const (
	codeSentMissing    = "sent_datetime.missing"
	codeSentUnreadable = "sent_datetime.unreadable"
	codeSentFuture     = "sent_datetime.future"
	codeSentTooOld     = "sent_datetime.too_old"
	codeTimeUnreadable = "time.unreadable"
	codeTimeFuture     = "time.future"
	codeTimeTooOld     = "time.too_old"
	codeTimeNoZone     = "time.no_zone"
	codeTimeAmbiguous  = "time.ambiguous"
	codeTimeGap        = "time.dst_gap"
	codeTimeOverlap    = "time.dst_overlap"
)

var timeCodes = []Code{
	{codeSentMissing, Error, "the message has no sent time; Gorgias would mail it to the customer", "fill it in, or point sent_datetime at a field every record has", "a row whose sent_at is empty"},
	{codeSentUnreadable, Error, "the sent time is in no layout the mapping names", "add its layout: { from: …, layout: … }", "sent_at: 3 days ago"},
	{codeSentFuture, Error, "the sent time lies in the future; what Gorgias does with it is not known", "mend it, or write future: skip to leave scheduled messages out", "sent_at: 2099-01-01T00:00:00Z"},
	{codeSentTooOld, Error, "the sent time lies before 1970", "mend it; a date of 1900 or 0001 usually stands for no date", "sent_at: 1900-01-01"},
	{codeTimeUnreadable, Error, "the time is in no layout the mapping names", "add its layout: { from: …, layout: … }", "created_at: yesterday"},
	{codeTimeFuture, Error, "the time lies in the future", "mend it, or leave it empty", "created_at: 2099-01-01T00:00:00Z"},
	{codeTimeTooOld, Error, "the time lies before 1970", "mend it, or leave it empty", "closed_at: 0001-01-01T00:00:00Z"},
	{codeTimeNoZone, Error, "the time has no zone and the mapping states none", "add source: { timezone: Europe/Amsterdam }, or timezone to the field", "created_at: 2024-03-01 09:30"},
	{codeTimeAmbiguous, Error, "day and month cannot be told apart anywhere in the input", "add the layout: dmy or mdy", "03/04/2021, and no value of the column has a day above 12"},
	{codeTimeGap, Warning, "the time falls into the hour the clocks skip in spring", "nothing: it is read as an hour later", "2024-03-31 02:30 in Europe/Amsterdam"},
	{codeTimeOverlap, Warning, "the time falls into the hour the clocks repeat in autumn", "nothing: it is read as the first of the two", "2024-10-27 02:30 in Europe/Amsterdam"},
}

// The codes of tickets whose facts have met.
const (
	codeTicketUnknown   = "ticket.unknown"
	codeTicketDiffers   = "ticket.differs"
	codeNoMessages      = "ticket.no_messages"
	codeNoCustomer      = "ticket.no_customer"
	codeCustomerNoEmail = "customer.no_email"
	codeCustomerMadeUp  = "customer.made_up"
	codeMessageConflict = "message_id.conflict"
	codeAuthorUnknown   = "author.unknown"
	codeAuthorMissing   = "author.missing"
	codeAssigneeUnknown = "assignee.unknown"
	codeAddressUnknown  = "address.unknown"
	codeChannelMissing  = "channel.missing"
)

// assemblyCodes are those of [Mapping.Assemble]: of tickets whose facts have met.
var assemblyCodes = []Code{
	{codeTicketUnknown, Warning, "messages name a ticket that no ticket rule gave; it is made from its messages", "add the file that holds the ticket to --from, or a ticket rule", "messages.csv names ticket 812, which tickets.csv does not hold"},
	{codeTicketDiffers, Warning, "two records of a ticket say different things; the first one's value stays", "write take: last on the field if the latest is right", "ticket 812 is open in one record and closed in another"},
	{codeNoMessages, Error, "the ticket has no message; Gorgias takes none without", "check the message rules and their ticket field, or skip such tickets", "ticket 812 stands in tickets.csv, and no message names it"},
	{codeNoCustomer, Error, "neither the ticket nor its messages tell who the customer is", "give the ticket rule a customer, or a message rule its author or to", "a ticket of internal notes alone, without a requester"},
	{codeCustomerNoEmail, Error, "the customer has no e-mail address", "add a people rule that has it, or people: no_email with a template", "a customer who wrote by phone: a name and nothing else"},
	{codeCustomerMadeUp, Warning, "the customer has no e-mail address; people.no_email made one", "add the file that holds the people to --from, or a people rule that has it", "customer 7 becomes zendesk-7@import.invalid"},
	{codeMessageConflict, Error, "two messages of a ticket have the same id and different content; the first one stays", "make the ids unique with a text template, or name the version field", "two messages of ticket 812 have the id 1, one says hello and one says goodbye"},
	{codeAuthorUnknown, Error, "nothing tells whether the author is an agent or a customer; a warning where people.unknown decides", "add a people rule, own addresses to people.agents, or set people.unknown", "author_id 99, and no record of a person has that id"},
	{codeAuthorMissing, Error, "the message has no author and no direction; a warning where people.unknown decides", "give the rule an author or from_agent, or set people.unknown", "a message whose author_id is empty"},
	{codeAssigneeUnknown, Warning, "no e-mail is known for the assignee, or no user of the account has it: the ticket is assigned to nobody, and meta keeps the name", "add a people rule that has it, or invite the user and import again", "assignee_id 99, and no record of a person has that id; or no user of the account has their e-mail"},
	{codeAddressUnknown, Warning, "a recipient of an e-mail is the id of a person nobody knows and is left out", "add the file that holds the people to --from, or a people rule that has it", "cc: 99, and no record of a person has that id"},
	{codeChannelMissing, Error, "neither the message nor its ticket has a channel", "give the message rule a channel", "a message rule without channel, in a ticket without one"},
}
