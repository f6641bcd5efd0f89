/// Declares a typed id: a UUIDv7 (RFC 9562), so that ids made later sort later.
/// Stored as 16 bytes, written as 32 lower-case hexadecimal digits.
#[macro_export]
macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub [u8; 16]);

        impl $name {
            pub fn new(ambient: &$crate::Ambient) -> Self {
                Self(ambient.rng.uuid_v7(ambient.now()))
            }

            /// `None` unless the slice is 16 bytes long.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Some(Self(bytes.try_into().ok()?))
            }

            pub fn as_bytes(&self) -> &[u8] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", $crate::uuid::Uuid::from_bytes(self.0).simple())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(Self($crate::uuid::Uuid::try_parse(text)?.into_bytes()))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::{Ambient, Timestamp};

    crate::id_type!(
        /// An id only this test knows.
        SampleId
    );

    #[test]
    fn ids_made_later_sort_later_and_read_back() {
        let ambient = Ambient::seeded(Timestamp::from_secs(1_700_000_000), 7);
        let first = SampleId::new(&ambient);
        ambient.clock.advance_ms(1);
        let second = SampleId::new(&ambient);
        assert!(first < second);
        assert_eq!(second.to_string().parse::<SampleId>().unwrap(), second);
        assert_eq!(SampleId::from_slice(second.as_bytes()), Some(second));
        assert!("xyz".parse::<SampleId>().is_err());
    }
}
