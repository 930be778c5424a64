//! `#[derive(Message)]`: reads a struct once, so that nobody has to describe it twice.

mod attributes;

use proc_macro::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Field, Fields, parse_macro_input};

use attributes::{Serde, flag, sentence, single, text, version};

/// Implements `kernel::Message`: what stands on a note, and whose note it is.
///
/// - The name is the identifier of the struct; the sentence is its doc comment,
///   which is therefore required.
/// - `#[of(RequestId)]` says what kind of thing the message is about.
/// - `#[korean("…")]`: the same sentence in Korean, for an event.
/// - `#[given]` on a field: the runtime fills it in (who acts, what time it is, a
///   token nobody can guess); whoever sends the message cannot.
/// - `#[version(2, from = read_version_1)]`: the shape has changed; the function
///   turns an older body into today's.
/// - The names on the wire follow serde's own attributes (`rename_all`, `alias`).
#[proc_macro_derive(Message, attributes(of, given, korean, version))]
pub fn derive_message(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    message(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

fn message(input: &DeriveInput) -> syn::Result<proc_macro2::TokenStream> {
    let ident = &input.ident;
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(ident, "a message is a struct"));
    };
    if matches!(data.fields, Fields::Unnamed(_)) {
        return Err(syn::Error::new_spanned(ident, "the fields of a message have names"));
    }
    let doc = sentence(&input.attrs);
    if doc.is_empty() {
        let missing = "a message needs a doc comment: it is the sentence on its note";
        return Err(syn::Error::new_spanned(ident, missing));
    }
    let of = single(&input.attrs, "of")?.ok_or_else(|| {
        syn::Error::new_spanned(ident, "a message says what it is about: `#[of(RequestId)]`")
    })?;

    let korean = text(&input.attrs, "korean")?;
    let serde = Serde::of_struct(&input.attrs)?;
    let fields = data.fields.iter().map(|it| field(it, &serde)).collect::<syn::Result<Vec<_>>>()?;
    let given = data.fields.iter().filter(|field| flag(&field.attrs, "given")).map(|field| {
        let name = &field.ident;
        quote!(self.#name = ::kernel::Given::given(envelope);)
    });
    let name = ident.to_string();
    let (version, older) = version(&input.attrs)?;
    let upcast = older.map(|older| {
        quote! {
            fn upcast(version: u32, body: ::kernel::Json) -> Option<::kernel::Json> {
                #older(version, body)
            }
        }
    });
    Ok(quote! {
        impl ::kernel::Message for #ident {
            type Of = #of;
            const NOTE: ::kernel::Note = ::kernel::Note {
                name: #name,
                doc: #doc,
                korean: #korean,
                version: #version,
                fields: &[#(#fields),*],
            };
            fn give(&mut self, envelope: &::kernel::Envelope) {
                let _ = envelope; // not every message has given fields
                #(#given)*
            }
            #upcast
        }
    })
}

fn field(field: &Field, serde: &Serde) -> syn::Result<proc_macro2::TokenStream> {
    let Some(ident) = &field.ident else {
        return Err(syn::Error::new_spanned(field, "the fields of a message have names"));
    };
    let ty = &field.ty;
    let kind = ty.to_token_stream().to_string().replace(' ', "");
    let own = Serde::of_field(&field.attrs)?;
    let name = own.rename.unwrap_or_else(|| serde.wire_name(&ident.to_string()));
    let (aliases, doc) = (own.aliases, sentence(&field.attrs));
    let (given, optional) = (flag(&field.attrs, "given"), own.default || serde.default);
    Ok(quote! {
        ::kernel::Field {
            name: #name,
            kind: #kind,
            doc: #doc,
            shape: <#ty as ::kernel::Word>::SHAPE,
            given: #given,
            optional: #optional,
            aliases: &[#(#aliases),*],
        }
    })
}
