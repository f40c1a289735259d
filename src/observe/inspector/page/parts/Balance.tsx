import type { JSX } from 'preact';
import { whole } from '../figures/figures.ts';
import { conservation } from '../flow/conservation.ts';
import type { Row } from '../flow/fields.ts';

interface Props {
  readonly row: Row | undefined;
  readonly droppedFor: Readonly<Record<string, number>> | undefined;
}

/** What became of every item that arrived, and whether that adds up. */
export function Balance({ row, droppedFor }: Props): JSX.Element {
  const { arrived, terms, sum, holds } = conservation(row);
  return (
    <section data-test="balance">
      <h3>Where the items are</h3>
      <table class="balance">
        <tbody>
          <tr class="total">
            <th scope="row">arrived</th>
            <td>{whole(arrived)}</td>
          </tr>
          {terms.map(({ field, word, count }, i) => (
            <tr key={field} class={count === 0 ? 'none' : ''}>
              <th scope="row">
                <span class="sign">{i === 0 ? '=' : '+'}</span> {word}
              </th>
              <td>{whole(count)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class={holds ? 'check good' : 'check bad'}>
        {holds
          ? '✓ Every item is accounted for.'
          : `✗ These make up ${whole(sum)}, which is ${whole(Math.abs(sum - arrived))} ${sum > arrived ? 'more' : 'fewer'} than arrived.`}
      </p>
      {droppedFor !== undefined && Object.keys(droppedFor).length > 0 && (
        <>
          <h3>Dropped because of</h3>
          <table class="balance">
            <tbody>
              {Object.entries(droppedFor).map(([reason, count]) => (
                <tr key={reason}>
                  <th scope="row">{reason}</th>
                  <td>{whole(count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}
