package mapping

import "slices"

// Code describes one kind of problem. docs/problems.md is made of the table of them.
type Code struct {
	Name     string // stable: reports and scripts depend on it
	Severity Severity
	Cause    string
	Remedy   string
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
	{codeNoInput, Error, "no entry of inputs takes the record", "add an input whose files, path and when fit it, or leave the file out of --from"},
	{codeNoRule, Error, "no rule takes the record or the item, and no skip names it", "add a rule for it, or a skip with a reason to the rule that should leave it out"},
	{codeColumns, Error, "the mapping does not fit the file's columns", "name the file's columns as its heading spells them"},
	{codeNoTicket, Error, "the message's ticket is not known", "give the message rule a ticket field that holds the ticket's external_id"},
	{codeIDMissing, Error, "the rule names an external_id and the record has none", "fill it in, or leave external_id out of the rule so that a hash of the content names the record"},
	{codeRuleWarn, Warning, "a warn condition of the rule holds", "nothing, if that is expected: the mapping asked for it to be counted"},
	{codePathUnmet, Warning, "no record has a path the mapping reads", "check the spelling of the path against a record"},
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
	{codeTableUnknown, Error, "a table has no entry for the value", "add the line the hint shows, or an entry \"*\" for any other value"},
	{codeValueEnum, Error, "the field takes only certain words and this is none of them", "translate it with a table"},
	{codeValueBool, Error, "the value is not read as true or false", "translate it with a table; read without one are true/false, 1/0, yes/no, t/f, y/n"},
	{codeValueNumber, Error, "the value is not a whole number above zero", "mend it, or leave it empty"},
	{codeValueObject, Error, "the path leads to an object where one value is wanted", "name one of the object's keys"},
	{codeValueLanguage, Error, "the value is not a two-letter ISO 639-1 language", "translate it with a table"},
	{codeLanguageCut, Warning, "Gorgias keeps a language without its region", "nothing"},
	{codeValueWarn, Warning, "an alternative marked with warn was taken", "nothing, if that is expected: the mapping asked for it to be counted"},
	{codeIDExponent, Error, "a spreadsheet turned the id into a rounded number; its last digits are gone", "export again with the id column as text"},
	{codeIDPart, Error, "an id is put together from several fields and one of them is absent", "fill it in, or choose fields that every record has"},
	{codeChannelCustom, Warning, "the word is none of Gorgias's own channels and is sent as a custom channel's slug", "translate it with a table unless the account has a channel of that slug"},
	{codeTextLong, Warning, "the text is longer than Gorgias takes", "nothing for a subject, which is cut; another field is left out: shorten it to keep it"},
	{codeTextNUL, Warning, "the text holds NUL characters, which are removed", "nothing"},
	{codeTagLong, Error, "a tag is longer than 256 characters", "shorten it, or split it with a split step"},
	{codeTagCleaned, Warning, "a tag holds line ends or control characters, which are taken out", "nothing, or split it with a split step if it is a list"},
	{codeTagCase, Warning, "two tags of a ticket differ by case alone; in Gorgias they are two", "add lower: true to the tags to make them one"},
	{codeEmail, Error, "not an e-mail address", "mend it, or leave it empty"},
	{codeAddress, Error, "not a list of addresses", "mend it, or leave it empty"},
	{codePersonNameless, Error, "a people rule found neither id nor e-mail", "fill one in, or add a skip to the rule"},
	{codeFileMissing, Warning, "an attachment has neither URL nor data and is left out", "nothing, if the file is gone in the old helpdesk"},
	{codeFileURL, Warning, "an attachment's URL is not http or https and will lead nowhere", "upload the files somewhere and give their addresses"},
	{codeFileSize, Warning, "an attachment's size is not a number of bytes and is left out", "nothing"},
	{codeFileData, Error, "an attachment's data is not base64", "mend it, or leave it empty"},
	{codeMessageEmpty, Error, "a message has neither body nor attachment: nothing would be seen of it", "check the rule's body_text and body_html, or skip such records"},
	{codeBodyMissing, Warning, "a message has attachments and no body", "nothing, if that is how it was; else check the rule's body_text and body_html"},
	{codeBodyCleaned, Warning, "an HTML body holds what runs, phones home or lays itself over the page, and is sent without", "nothing; bodies: { html: as_is } sends bodies as they are"},
	{codeExpr, Error, "an expression failed", "guard it against absent values, with ?? or ?."},
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
	{codeSentMissing, Error, "the message has no sent time; Gorgias would mail it to the customer", "fill it in, or point sent_datetime at a field every record has"},
	{codeSentUnreadable, Error, "the sent time is in no layout the mapping names", "add its layout: { from: …, layout: … }"},
	{codeSentFuture, Error, "the sent time lies in the future; what Gorgias does with it is not known", "mend it, or write future: skip to leave scheduled messages out"},
	{codeSentTooOld, Error, "the sent time lies before 1970", "mend it; a date of 1900 or 0001 usually stands for no date"},
	{codeTimeUnreadable, Error, "the time is in no layout the mapping names", "add its layout: { from: …, layout: … }"},
	{codeTimeFuture, Error, "the time lies in the future", "mend it, or leave it empty"},
	{codeTimeTooOld, Error, "the time lies before 1970", "mend it, or leave it empty"},
	{codeTimeNoZone, Error, "the time has no zone and the mapping states none", "add source: { timezone: Europe/Amsterdam }, or timezone to the field"},
	{codeTimeAmbiguous, Error, "day and month cannot be told apart anywhere in the input", "add the layout: dmy or mdy"},
	{codeTimeGap, Warning, "the time falls into the hour the clocks skip in spring", "nothing: it is read as an hour later"},
	{codeTimeOverlap, Warning, "the time falls into the hour the clocks repeat in autumn", "nothing: it is read as the first of the two"},
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
	{codeTicketUnknown, Warning, "messages name a ticket that no ticket rule gave; it is made from its messages", "add the file that holds the ticket to --from, or a ticket rule"},
	{codeTicketDiffers, Warning, "two records of a ticket say different things; the first one's value stays", "write take: last on the field if the latest is right"},
	{codeNoMessages, Error, "the ticket has no message; Gorgias takes none without", "check the message rules and their ticket field, or skip such tickets"},
	{codeNoCustomer, Error, "neither the ticket nor its messages tell who the customer is", "give the ticket rule a customer, or a message rule its author or to"},
	{codeCustomerNoEmail, Error, "the customer has no e-mail address", "add a people rule that has it, or people: no_email with a template"},
	{codeCustomerMadeUp, Warning, "the customer has no e-mail address; people.no_email made one", "add the file that holds the people to --from, or a people rule that has it"},
	{codeMessageConflict, Error, "two messages of a ticket have the same id and different content; the first one stays", "make the ids unique with a text template, or name the version field"},
	{codeAuthorUnknown, Error, "nothing tells whether the author is an agent or a customer; a warning where people.unknown decides", "add a people rule, own addresses to people.agents, or set people.unknown"},
	{codeAuthorMissing, Error, "the message has no author and no direction; a warning where people.unknown decides", "give the rule an author or from_agent, or set people.unknown"},
	{codeAssigneeUnknown, Warning, "no e-mail is known for the assignee", "add a people rule that has it"},
	{codeAddressUnknown, Warning, "a recipient of an e-mail is the id of a person nobody knows and is left out", "add the file that holds the people to --from, or a people rule that has it"},
	{codeChannelMissing, Error, "neither the message nor its ticket has a channel", "give the message rule a channel"},
}
