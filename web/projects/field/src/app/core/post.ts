import type { paths } from '@dms/shared';
import type { NewOutboxItem } from './outbox-item';

/** The body a POST to `Path` wants; of a form all but the photo. */
type PostBody<Path extends keyof paths> = paths[Path] extends {
  post: { requestBody?: { content: infer Content } };
}
  ? Content extends { 'application/json': infer Json }
    ? Json
    : Content extends { 'multipart/form-data': infer Form }
      ? Omit<Form, 'photo'>
      : never
  : never;

/** A POST as the outbox keeps it, checked against the API; `id` stands for `{id}` in the path. */
export function post<Path extends keyof paths>(
  path: Path,
  body: PostBody<Path>,
  id = '',
): Pick<NewOutboxItem, 'url' | 'body'> {
  return { url: path.replace('{id}', id), body: { ...(body as object) } };
}
