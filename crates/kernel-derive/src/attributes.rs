//! Reading the attributes of a struct and of its fields.

use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitInt, LitStr, Meta, Path, Token, Type};

/// What serde was told about names; the note says the same.
#[derive(Default)]
pub struct Serde {
    pub rename: Option<String>,
    pub aliases: Vec<String>,
    pub default: bool,
    camel_case: bool,
}

impl Serde {
    pub fn of_struct(attrs: &[Attribute]) -> syn::Result<Self> {
        Self::of_field(attrs)
    }

    pub fn of_field(attrs: &[Attribute]) -> syn::Result<Self> {
        let mut serde = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
            attr.parse_nested_meta(|meta| {
                let text = |meta: &syn::meta::ParseNestedMeta<'_>| -> syn::Result<String> {
                    Ok(meta.value()?.parse::<LitStr>()?.value())
                };
                if meta.path.is_ident("rename_all") {
                    let style = text(&meta)?;
                    if style != "camelCase" {
                        return Err(meta.error("fields are camelCase on the wire"));
                    }
                    serde.camel_case = true;
                } else if meta.path.is_ident("rename") {
                    serde.rename = Some(text(&meta)?);
                } else if meta.path.is_ident("alias") {
                    serde.aliases.push(text(&meta)?);
                } else if meta.path.is_ident("default") {
                    serde.default = true;
                } else if meta.input.peek(Token![=]) {
                    meta.value()?.parse::<Expr>()?;
                }
                Ok(())
            })?;
        }
        Ok(serde)
    }

    pub fn wire_name(&self, field: &str) -> String {
        let field = field.trim_start_matches("r#");
        if !self.camel_case {
            return field.to_owned();
        }
        let mut words = field.split('_');
        let mut name = words.next().unwrap_or_default().to_owned();
        for word in words {
            let (head, tail) = word.split_at(word.len().min(1));
            name.push_str(&head.to_uppercase());
            name.push_str(tail);
        }
        name
    }
}

/// The first paragraph of the doc comment, on one line.
pub fn sentence(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(|attr| match &attr.meta {
        Meta::NameValue(meta) if meta.path.is_ident("doc") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
            _ => None,
        },
        _ => None,
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

pub fn flag(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident(name))
}

/// The text inside `#[name("…")]`, or nothing.
pub fn text(attrs: &[Attribute], name: &str) -> syn::Result<String> {
    let own = attrs.iter().find(|attr| attr.path().is_ident(name));
    let text: Option<LitStr> = own.map(Attribute::parse_args).transpose()?;
    Ok(text.map(|it| it.value()).unwrap_or_default())
}

/// The one type inside `#[name(…)]`.
pub fn single(attrs: &[Attribute], name: &str) -> syn::Result<Option<Type>> {
    attrs.iter().find(|attr| attr.path().is_ident(name)).map(Attribute::parse_args).transpose()
}

/// `#[version(2, from = older)]`; without it a message is at version 1.
pub fn version(attrs: &[Attribute]) -> syn::Result<(u32, Option<Path>)> {
    let Some(attr) = attrs.iter().find(|attr| attr.path().is_ident("version")) else {
        return Ok((1, None));
    };
    attr.parse_args_with(|input: syn::parse::ParseStream<'_>| {
        let version: u32 = input.parse::<LitInt>()?.base10_parse()?;
        input.parse::<Token![,]>()?;
        let from: Ident = input.parse()?;
        if from != "from" {
            return Err(syn::Error::new_spanned(from, "expected `from = …`"));
        }
        input.parse::<Token![=]>()?;
        Ok((version, Some(input.parse()?)))
    })
}
