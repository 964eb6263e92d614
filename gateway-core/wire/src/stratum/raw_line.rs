//! A line as JSON, before anything is made of it.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::params::{Params, Text};

/// The members that mean something; of those that come twice, as some firmware writes them, the last one holds.
#[derive(Default)]
pub(super) struct RawLine<'a> {
    pub(super) id: Option<&'a RawValue>,
    pub(super) method: Option<Text<'a>>,
    pub(super) params: Params<'a>,
    /// There, be it null.
    pub(super) result: Option<&'a RawValue>,
    pub(super) error: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for RawLine<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LineVisitor;

        impl<'de> Visitor<'de> for LineVisitor {
            type Value = RawLine<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawLine<'de>, A::Error> {
                let mut line = RawLine::default();
                while let Some(Text(name)) = map.next_key()? {
                    match name.as_ref() {
                        "id" => line.id = map.next_value()?,
                        "method" => line.method = map.next_value()?,
                        "params" => line.params = map.next_value()?,
                        "result" => line.result = Some(map.next_value()?),
                        "error" => line.error = Some(map.next_value()?),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(line)
            }
        }

        deserializer.deserialize_map(LineVisitor)
    }
}
