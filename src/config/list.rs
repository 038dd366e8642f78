//! How the list of settings becomes structs, defaults, the reading of one setting, and its document.

macro_rules! settings {
    ($(
        $(#[doc = $section_doc:literal])*
        $section:ident: $struct:ident {
            $(
                $(#[doc = $doc:literal])*
                $field:ident: $type:ty = |$env:ident| $default:expr $(, also $also:literal)?;
            )*
        }
    )*) => {
        /// The configuration of one application.
        #[derive(Debug, Clone)]
        pub struct Config {
            pub environment: Environment,
            $($(#[doc = $section_doc])* pub $section: $struct,)*
        }

        $(
            $(#[doc = $section_doc])*
            #[derive(Debug, Clone)]
            pub struct $struct {
                $($(#[doc = $doc])* pub $field: $type,)*
            }
        )*

        impl Config {
            /// What holds when nothing is set.
            pub fn defaults(environment: Environment) -> Self {
                Self {
                    environment,
                    $($section: $struct {
                        $($field: { let $env = environment; let _used = $env; $default },)*
                    },)*
                }
            }

            /// Sets one value by its names; `None` when there is no such setting.
            pub(super) fn set(
                &mut self,
                section: &str,
                name: &str,
                text: &str,
            ) -> Option<Result<(), String>> {
                match (section, name) {
                    $($((stringify!($section), stringify!($field)) => Some(
                        <$type as Setting>::parse(text).map(|value| self.$section.$field = value)
                    ),)*)*
                    _ => None,
                }
            }

            /// Every setting with its value as text, secrets hidden.
            pub fn shown(&self) -> Vec<(&'static str, &'static str, String)> {
                vec![
                    $($((stringify!($section), stringify!($field), self.$section.$field.show()),)*)*
                ]
            }
        }

        /// Short names that hosting platforms use, and the setting each stands for.
        pub(super) const ALSO: &[(&str, &str, &str)] = &[
            $($($(($also, stringify!($section), stringify!($field)),)?)*)*
        ];

        /// Section, name, explanation of every setting, in order.
        pub(super) const DOCUMENTED: &[(&str, &str, &str, &str)] = &[
            $($((
                stringify!($section),
                stringify!($field),
                concat!($($doc),*),
                concat!($($also)?),
            ),)*)*
        ];
    };
}

pub(super) use settings;
