//! Conversions between a type of the host's and the contract's of the same shape.

/// Enums with the same cases, and structs with the same fields, where what is in them
/// converts, too.
macro_rules! same {
    ($(enum $from:ident $(:: $of:ident)? => $to:ty { $($case:ident $(($value:ident))?),+ })+) => {
        $(impl From<$from $(:: $of)?> for $to {
            fn from(from: $from $(:: $of)?) -> Self {
                use $from $(:: $of)? as Source;
                match from {
                    $(Source::$case $(($value))? => Self::$case $(($value.into()))?),+
                }
            }
        })+
    };
    ($(struct $from:ty => $to:ty { $($field:ident),+ })+) => {
        $(impl From<$from> for $to {
            fn from(from: $from) -> Self {
                Self { $($field: from.$field.into()),+ }
            }
        })+
    };
}

pub(super) use same;
