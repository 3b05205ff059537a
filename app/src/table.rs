//! Tables of words.

/// A table of texts: a struct with a function for each of them, and one to write it down with, in which a word that is
/// missing does not compile. What is in it lies in an array, so that a browser can be handed a whole table as data.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident, $written:ident { $($word:ident)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name([&'static str; Self::COUNT]);

        impl $name {
            /// How many words there are.
            const COUNT: usize = [$(stringify!($word)),*].len();

            $(
                #[allow(missing_docs, dead_code, reason = "a word says what it is; some are said by one side only")]
                pub(crate) const fn $word(&self) -> &'static str {
                    self.0[Place::$word as usize]
                }
            )*
        }

        #[allow(non_camel_case_types, reason = "the word's own name")]
        enum Place { $($word,)* }

        /// The table, as it is written down.
        #[allow(dead_code, reason = "a browser is handed the table")]
        pub(crate) struct $written { $(pub(crate) $word: &'static str,)* }

        #[allow(dead_code, reason = "a browser is handed the table")]
        impl $written {
            /// The table.
            pub(crate) const fn table(self) -> $name {
                $name([$(self.$word),*])
            }
        }

        #[cfg(test)]
        impl $name {
            /// Every word with its name.
            pub(crate) fn entries(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
                [$(stringify!($word)),*].into_iter().zip(self.0)
            }
        }
    };
}
