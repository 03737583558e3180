//! Rows of our own making, declared once: of each field its name, its type, the title above a table's column, and what the
//! column holds.

/// Declares a row: a struct that is written as JSON, and its `COLUMNS`.
///
/// Behind a field's type stands its title and its [`Kind`](super::Kind), perhaps with `hidden` or `spare`
/// ([`Column`](super::Column)). A field without them is in the JSON and no column; one with columns in braces is flattened
/// into the row.
macro_rules! row {
    (
        $(#[$about:meta])*
        $vis:vis struct $name:ident $(<$life:lifetime>)? {
            $(
                $(#[$attribute:meta])*
                $field_vis:vis $field:ident: $type:ty
                $(= $title:literal $kind:ident $($mark:ident)?)?
                $(=> { $($inner:ident = $inner_title:literal $inner_kind:ident $($inner_mark:ident)?,)+ })?
            ,)+
        }
    ) => {
        $(#[$about])*
        #[derive(serde::Serialize)]
        $vis struct $name $(<$life>)? {
            $($(#[$attribute])* $field_vis $field: $type,)+
        }

        impl $(<$life>)? $name $(<$life>)? {
            /// The columns, in order.
            pub const COLUMNS: &'static [$crate::render::Column] = &[
                $(
                    $($crate::render::Column::new(stringify!($field), $title, $crate::render::Kind::$kind)$(.$mark())?,)?
                    $($($crate::render::Column::new(
                        stringify!($inner),
                        $inner_title,
                        $crate::render::Kind::$inner_kind,
                    )$(.$inner_mark())?,)+)?
                )+
            ];
        }
    };
}

pub(crate) use row;
