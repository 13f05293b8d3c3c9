/** An e-mail address that breaks behind its @ first, where a narrow place must break it. */
export function MailAddress({ address }: { address: string }) {
  const [name = '', ...place] = address.split('@');
  return (
    <bdi>
      {name}
      {place.length > 0 && (
        <>
          @<wbr />
          {place.join('@')}
        </>
      )}
    </bdi>
  );
}
