//! The identifiers of everything that has one.

use crate::db::id;

id!(UserId);
id!(RoleId);
id!(SessionId);
id!(PostId);
id!(CategoryId);
id!(TagId);
id!(RevisionId);
id!(CommentId);
id!(MediaId);
id!(EventId);
id!(JobId);
id!(MailId);
id!(ReportId);
id!(NotificationId);
id!(ExportId);
