//! The 20 permissions and sets of them (R-RBAC).

macro_rules! permissions {
    ($($variant:ident = $name:literal, $description:literal;)*) => {
        /// What somebody may be allowed to do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission { $(#[doc = $description] $variant),* }

        impl Permission {
            /// All, in the order of their first seeding.
            pub const ALL: [Self; 20] = [$(Self::$variant),*];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description),* }
            }

            pub fn by_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

permissions! {
    ReadPosts = "read_posts", "Read posts.";
    CreatePosts = "create_posts", "Write posts.";
    EditOwnPosts = "edit_own_posts", "Edit one's own posts.";
    EditAllPosts = "edit_all_posts", "Edit anyone's posts.";
    DeleteOwnPosts = "delete_own_posts", "Delete one's own posts.";
    DeleteAllPosts = "delete_all_posts", "Delete anyone's posts.";
    CreateComments = "create_comments", "Comment.";
    EditOwnComments = "edit_own_comments", "Edit one's own comments.";
    EditAllComments = "edit_all_comments", "Edit anyone's comments.";
    DeleteOwnComments = "delete_own_comments", "Delete one's own comments.";
    DeleteAllComments = "delete_all_comments", "Delete anyone's comments.";
    ModerateComments = "moderate_comments", "Moderate comments.";
    ManageCategories = "manage_categories", "Manage categories.";
    ManageUsers = "manage_users", "Manage accounts.";
    ViewAnalytics = "view_analytics", "See analytics.";
    AdminAccess = "admin_access", "Administer the whole site.";
    ApiAccess = "api_access", "Issue tokens for the API.";
    UploadFiles = "upload_files", "Upload files.";
    ManageRoles = "manage_roles", "Manage roles and permissions.";
    SendNotifications = "send_notifications", "Notify users.";
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet(u32);

impl PermissionSet {
    pub const EMPTY: Self = Self(0);

    /// Whether the permission is in the set; who administers the site may do everything.
    pub fn has(self, permission: Permission) -> bool {
        let all = 1 << Permission::AdminAccess as u32;
        self.0 & (all | 1 << permission as u32) != 0
    }

    #[must_use]
    pub fn with(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u32)
    }

    /// Whether everything in `other` is in here too.
    pub fn covers(self, other: Self) -> bool {
        Permission::ALL.iter().all(|permission| !other.has(*permission) || self.has(*permission))
    }

    pub fn len(self) -> u32 {
        self.0.count_ones()
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::EMPTY, Self::with)
    }
}
